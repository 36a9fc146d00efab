import type { Io } from "../io.ts";
import { printLines } from "../print.ts";

/** What to do when a server uses the embedded database. */
export const inUseHint = "if that is a running server: stop it first";

/** Writes an answer as JSON; int64 numbers are strings, as in protobuf JSON. */
export function printBigJson(io: Io, answer: object): void {
  const text = JSON.stringify(
    answer,
    (_name, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
    2,
  );
  printLines(io, text);
}
