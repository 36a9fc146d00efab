import {
  toJson,
  type DescMessage,
  type JsonWriteOptions,
  type MessageShape,
} from "@bufbuild/protobuf";
import type { Io } from "./io.ts";

/** Writes lines to standard output: the answer. */
export function printLines(io: Io, ...lines: readonly string[]): void {
  if (lines.length > 0) io.stdout.write(`${lines.join("\n")}\n`);
}

/** Writes any number of lines to standard output: a call takes some 100,000 arguments and no more. */
export function printList(io: Io, lines: readonly string[]): void {
  if (lines.length > 0) io.stdout.write(`${lines.join("\n")}\n`);
}

/** Writes lines to standard error: what is said about the answer. */
export function printNotes(io: Io, ...lines: readonly string[]): void {
  if (lines.length > 0) io.stderr.write(`${lines.join("\n")}\n`);
}

/** Writes a message to standard output as protobuf JSON. */
export function printMessage<D extends DescMessage>(
  io: Io,
  schema: D,
  message: MessageShape<D>,
  options: Partial<JsonWriteOptions> = {},
): void {
  printLines(io, JSON.stringify(toJson(schema, message, options), undefined, 2));
}

/** Makes what others wrote harmless for a terminal: control characters arrive as escapes. */
export function plain(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Lays rows out in columns, two spaces apart. */
export function toColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** `1 error`, `2 errors`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
