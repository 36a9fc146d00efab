import type { PlainTree, PlainValue } from "./plain-tree.ts";

/** Returns a number from 0 up to, but not including, `count`. */
export type Choose = (count: number) => number;

/**
 * Writes a tree as text format, choosing among the spellings that mean the same. A field that is not
 * repeated is never written as a list.
 */
export function spellTree(
  tree: PlainTree,
  choose: Choose,
  isRepeated: (name: string) => boolean = () => true,
): string {
  let text = blank(choose);
  for (let index = 0; index < tree.length;) {
    const [name] = tree[index]!;
    let end = index + 1;
    while (tree[end]?.[0] === name && isMessage(tree[end]![1]) === isMessage(tree[index]![1]))
      end += 1;
    const count = choose(2) === 0 ? 1 : end - index;
    const values = tree.slice(index, index + count).map(([, value]) => value);
    const asList = count > 1 || (isRepeated(name) && choose(4) === 0);
    text += spellName(name, choose) + blank(choose);
    if (!isMessage(values[0]!) || choose(2) === 0) text += `:${blank(choose)}`;
    text += asList
      ? spellList(values, choose, isRepeated)
      : spellValue(values[0]!, choose, isRepeated);
    // A space keeps a number or a word apart from the name that follows.
    text += pick(choose, [" ", ",", ";", " ; ", "\n"]) + blank(choose);
    index += count;
  }
  return text;
}

function spellList(
  values: readonly PlainValue[],
  choose: Choose,
  isRepeated: (name: string) => boolean,
): string {
  const items = values.map(
    (value) => blank(choose) + spellValue(value, choose, isRepeated) + blank(choose),
  );
  return `[${items.join(",")}]`;
}

function spellName(name: string, choose: Choose): string {
  return name.replaceAll(/[[\]./]/g, (mark) => {
    const before = mark === "[" ? "" : blank(choose);
    return before + mark + (mark === "]" ? "" : blank(choose));
  });
}

function spellValue(
  value: PlainValue,
  choose: Choose,
  isRepeated: (name: string) => boolean,
): string {
  if (typeof value === "bigint") return spellInteger(value, choose);
  if (typeof value === "number") return spellFloat(value, choose);
  if (typeof value !== "string") {
    const inner = spellTree(value, choose, isRepeated);
    return choose(2) === 0 ? `{${inner}}` : `<${inner}>`;
  }
  if (!value.startsWith("id ")) return spellString(value, choose);
  const word = value.slice(3);
  return word.startsWith("-") ? `-${blank(choose)}${word.slice(1)}` : word;
}

function spellInteger(value: bigint, choose: Choose): string {
  const size = value < 0n ? -value : value;
  const digits = pick(choose, [
    size.toString(),
    `0${size === 0n ? "" : size.toString(8)}`,
    `0x${size.toString(16)}`,
    `0X${size.toString(16).toUpperCase()}`,
  ]);
  return value < 0n ? `-${blank(choose)}${digits}` : digits;
}

function spellFloat(value: number, choose: Choose): string {
  const isNegative = value < 0 || Object.is(value, -0);
  const digits = Math.abs(value).toExponential();
  const spelling = pick(choose, [digits, digits.toUpperCase(), `${digits}f`, `${digits}F`]);
  return isNegative ? `-${blank(choose)}${spelling}` : spelling;
}

function spellString(value: string, choose: Choose): string {
  const characters = Array.from(value);
  const cut = choose(characters.length + 1);
  const literals =
    choose(3) === 0 ? [characters.slice(0, cut), characters.slice(cut)] : [characters];
  return literals
    .map((part) => {
      const mark = pick(choose, ['"', "'"]);
      return (
        mark + part.map((character) => spellCharacter(character, mark, choose)).join("") + mark
      );
    })
    .join(blank(choose));
}

function spellCharacter(character: string, mark: string, choose: Choose): string {
  const code = character.codePointAt(0)!;
  const bytes = [...new TextEncoder().encode(character)];
  const spellings = [
    bytes.map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join(""),
    bytes.map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""),
    `\\U${code.toString(16).padStart(8, "0")}`,
    [...Array(character.length).keys()]
      .map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`)
      .join(""),
  ];
  const isPlain = character !== mark && !["\\", "\n", "\0"].includes(character);
  return isPlain && choose(3) > 0 ? character : pick(choose, spellings);
}

function blank(choose: Choose): string {
  return pick(choose, ["", "", " ", "\t", "\n", "\r\n", "# note { \" '\n"]);
}

function pick(choose: Choose, spellings: readonly string[]): string {
  return spellings[choose(spellings.length)]!;
}

function isMessage(value: PlainValue): boolean {
  return typeof value === "object";
}
