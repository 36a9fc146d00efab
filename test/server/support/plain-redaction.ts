// What the log takes out of a line, pattern by pattern, without a look first at whether there is anything to take out.

const taken = "[redacted]";

/** A line of JSON without secrets. */
export function redactPlainly(line: string): string {
  return line
    .replace(
      /"([\w.-]{0,64}(?:authorization|secret|token|password|cookie)[\w.-]{0,64})":"(?:[^"\\]|\\.)*"/gi,
      `"$1":"${taken}"`,
    )
    .replace(/fg\d_[a-z]{2}_([A-Za-z0-9_-]{16})_[A-Za-z0-9_-]+/g, `fg1_$1_${taken}`)
    .replace(/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{2,}\.[\w-]{2,}/g, taken)
    .replace(/\b(bearer|basic)\s+[^\s"\\,;]{8,}/gi, `$1 ${taken}`)
    .replace(/\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@"\\]*):[^\s"\\/]+@/gi, `$1:${taken}@`)
    .replace(
      /\b(password|passwd|pwd|secret)(\s*[=:]\s*)(?!\[redacted\])[^\s"\\,;&}]+/gi,
      `$1$2${taken}`,
    );
}
