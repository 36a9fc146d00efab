import type { DescEnum } from "@bufbuild/protobuf";
import { InvalidArgumentError } from "commander";

/** What a value of an enum is called in output and on the command line: `pending_create`; `unspecified` for none. */
export function wordOf(schema: DescEnum, value: number): string {
  return schema.value[value]?.localName.toLowerCase() ?? String(value);
}

/** The words of an enum, without that for "not said". */
export function wordsOf(schema: DescEnum): readonly string[] {
  return schema.values
    .filter(({ number }) => number !== 0)
    .map(({ number }) => wordOf(schema, number));
}

/** Reads a word of an enum: one of `words`, which are all of them unless given. */
export function enumArgument(
  schema: DescEnum,
  words: readonly string[] = wordsOf(schema),
): (text: string) => number {
  return (text) => {
    const value = schema.values.find(({ number }) => wordOf(schema, number) === text);
    if (value === undefined || !words.includes(text)) {
      throw new InvalidArgumentError(`It must be one of ${words.join(", ")}.`);
    }
    return value.number;
  };
}
