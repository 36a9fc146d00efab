import type { TextFields, TextValue } from "../../../../src/config/luci/text-tree.ts";

/** A message as pairs of name and value. */
export type PlainTree = readonly (readonly [name: string, value: PlainValue])[];

/** A string, a number, a word as `id name`, or a message. */
export type PlainValue = string | bigint | number | PlainTree;

/** The tree without positions; a list becomes one pair for each of its values. */
export function plainTree(fields: TextFields): PlainTree {
  return fields.flatMap(({ name, values }) =>
    values.map((value) => [name, plainValue(value)] as const),
  );
}

function plainValue(value: TextValue): PlainValue {
  if (value.kind === "string") return value.text;
  if (value.kind === "number") return value.value;
  if (value.kind === "message") return plainTree(value.fields);
  return `id ${value.isNegative ? "-" : ""}${value.name}`;
}
