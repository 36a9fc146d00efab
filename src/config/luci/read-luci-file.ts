import type { ConfigProblem } from "../problem.ts";
import { findWrongKind, type LuciFileKind } from "./file-kinds.ts";
import { toConfigProblems, type LuciProblem } from "./luci-problem.ts";
import type { ReadingNotes, SkippedField } from "./message-reader.ts";
import { TextFormatError } from "./text-format-error.ts";
import { parseTextFormat } from "./text-format.ts";
import type { TextFields } from "./text-tree.ts";

/** A file to import. */
export interface LuciFile {
  /** As messages name it. */
  readonly path: string;
  readonly text: string;
}

/** What a file came to. */
export interface LuciFileContent<T> {
  readonly path: string;
  /** As far as there are no problems. */
  readonly content: T | undefined;
  readonly skipped: readonly SkippedField[];
  readonly problems: readonly ConfigProblem[];
}

/**
 * Reads a file of protobuf text format by `read`, which notes problems and skipped fields. A file of another
 * kind is one problem, and is not read. Never throws.
 */
export function readLuciFile<T>(
  kind: LuciFileKind,
  { path, text }: LuciFile,
  read: (fields: TextFields, notes: ReadingNotes) => T,
): LuciFileContent<T> {
  const notes: ReadingNotes = { problems: [], skipped: [] };
  const fields = parse(text, notes.problems);
  const wrongKind = fields && findWrongKind(kind, fields);
  if (wrongKind !== undefined) notes.problems.push(wrongKind);
  const isReadable = fields !== undefined && wrongKind === undefined;
  const content = isReadable ? read(fields, notes) : undefined;
  const problems = toConfigProblems(path, notes.problems);
  return { path, content, skipped: notes.skipped, problems };
}

function parse(text: string, problems: LuciProblem[]): TextFields | undefined {
  try {
    return parseTextFormat(text);
  } catch (error) {
    if (!(error instanceof TextFormatError)) throw error;
    problems.push({ position: error.position, message: error.message });
    return undefined;
  }
}
