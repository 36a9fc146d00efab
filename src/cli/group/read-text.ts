import { usageError } from "../cli-error.ts";
import type { Io } from "../io.ts";
import { readInputFile } from "../read-input-file.ts";

/** A text and where it is from. */
export interface NamedText {
  /** As the command line names it; `<stdin>` for standard input. */
  readonly path: string;
  readonly text: string;
}

/** Reads texts, in their order; `-` is standard input, once. */
export async function readTexts(io: Io, paths: readonly string[]): Promise<readonly NamedText[]> {
  if (paths.filter((path) => path === "-").length > 1) {
    throw usageError("only one file can be standard input");
  }
  const texts: NamedText[] = [];
  for (const path of paths) {
    const [name, text] =
      path === "-" ? ["<stdin>", await io.readStdin()] : [path, readInputFile(path)];
    // A byte order mark is how editors of some systems begin a file.
    texts.push({ path: name, text: text.replace(/^\uFEFF/, "") });
  }
  return texts;
}
