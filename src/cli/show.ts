import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Cli } from "./cli.ts";
import { printList, printMessage } from "./print.ts";

/** Shows an answer: the message with --json, else `lines`. */
export function show<D extends DescMessage>(
  cli: Cli,
  schema: D,
  message: MessageShape<D>,
  lines: readonly string[],
): void {
  if (cli.globals().json) printMessage(cli.io, schema, message);
  else printList(cli.io, lines);
}

/** `name: value` lines, without those that have no value. */
export function facts(
  ...pairs: readonly (readonly [name: string, value: string])[]
): readonly string[] {
  return pairs.flatMap(([name, value]) => (value === "" ? [] : [`${name}: ${value}`]));
}
