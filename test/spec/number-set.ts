/**
 * The texts that `a{1..3,7}b` stands for, or undefined when it is malformed. Terms are numbers or ranges,
 * each above the one before it; `{{` and `}}` are literal braces; at most one set a text. A term is
 * padded with zeros to its width only when both ends are equally wide.
 */
export function expandNumberSet(text: string): readonly string[] | undefined {
  // Literal braces become characters that no name may hold, so that what is left are real braces.
  const escaped = text.replaceAll(/\{\{|\}\}/g, (pair) => (pair === "{{" ? "\u0001" : "\u0002"));
  const literal = (part: string): string =>
    part.replaceAll("\u0001", "{").replaceAll("\u0002", "}");

  const open = escaped.split("{");
  const close = escaped.split("}");
  if (open.length === 1 && close.length === 1) return [literal(escaped)];
  if (open.length !== 2 || close.length !== 2) return undefined;
  const whole = /^([^{}]*)\{([^{}]*)\}([^{}]*)$/.exec(escaped);
  if (whole === null) return undefined;
  const before = literal(whole[1] ?? "");
  const inside = whole[2] ?? "";
  const after = literal(whole[3] ?? "");
  if (inside === "") return [before + after];

  const terms = inside.split(",");
  // One comma may stand at the end.
  if (terms.at(-1) === "") terms.pop();
  const numbers: string[] = [];
  let highest = -1;
  for (const term of terms) {
    const ends = /^([0-9]+)(?:\.\.([0-9]+))?$/.exec(term);
    if (ends === null) return undefined;
    const left = ends[1] ?? "";
    const right = ends[2] ?? left;
    const [low, high] = [Number(left), Number(right)];
    const rising = ends[2] === undefined ? low === high : low < high;
    if (!rising || low <= highest) return undefined;
    const width = left.length === right.length ? left.length : 0;
    for (let number = low; number <= high; number += 1) {
      numbers.push(String(number).padStart(width, "0"));
    }
    highest = high;
  }
  return numbers.map((number) => before + number + after);
}
