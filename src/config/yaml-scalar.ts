// Texts that every YAML reader takes for texts as they stand: no indicator at the start, no ": " or " #".
const plain = /^[A-Za-z_/][A-Za-z0-9_./@%+-]*(?:[: ][A-Za-z0-9_./@%+*-]+)*$/;

// Words that YAML 1.1 or 1.2 takes for something else. Numbers cannot begin as `plain` says.
const reserved = /^(?:null|true|false|yes|no|on|off|y|n)$/i;

// Lines that a block keeps as they are.
const blockLine =
  /^[\x21-\x7e\u00a1-\u2027\u202a-\ud7ff](?:[\x20-\x7e\u00a1-\u2027\u202a-\ud7ff]*[\x21-\x7e\u00a1-\u2027\u202a-\ud7ff])?$/;

/**
 * A text or boolean as YAML: plain where that is safe, of several plain lines as a block, else in double
 * quotes. `indent` is that of the lines of a block.
 */
export function toYamlScalar(value: string | boolean, indent: string): string {
  if (typeof value === "boolean") return String(value);
  if (plain.test(value) && !reserved.test(value)) return value;
  const lines = value.split("\n");
  if (lines.length > 1 && lines.every((line, index) => isBlockLine(line, index, lines.length))) {
    return ["|-", ...lines.map((line) => (line === "" ? "" : indent + line))].join("\n");
  }
  // A JSON text is a YAML text, except that YAML readers may drop or break lines at these.
  return JSON.stringify(value).replace(
    /[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Whether a line of several may stand in a block: empty ones only between others. */
function isBlockLine(line: string, index: number, count: number): boolean {
  return line === "" ? index > 0 && index < count - 1 : blockLine.test(line);
}
