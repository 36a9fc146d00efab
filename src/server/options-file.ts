import { isScalar, LineCounter, parseDocument, visit, type Document } from "yaml";

/** One option of an options file. */
export interface FileOption {
  readonly name: string;
  /** The value when it is one; undefined for a list, a mapping or nothing. */
  readonly text: string | undefined;
  /** What YAML says that the value is. */
  readonly node: unknown;
  /** Where the name stands in the file, from 0. */
  readonly offset: number | undefined;
}

/** What an options file says. Problems never repeat a value. */
export interface OptionsFile {
  readonly options: readonly FileOption[];
  /** `path:line:column` of an offset. */
  readonly place: (offset: number | undefined) => string;
  readonly problems: readonly string[];
}

const maxLength = 1_000_000;

/** Reads a YAML mapping of option names to values. */
export function readOptionsFile(path: string, text: string): OptionsFile {
  const tooLong = `${path}: must be at most ${maxLength} characters long`;
  if (text.length > maxLength) return { options: [], place: () => path, problems: [tooLong] };
  const lines = new LineCounter();
  // Errors with an excerpt of the file could show a password.
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines });
  const place = (offset: number | undefined): string => {
    const { line, col } = lines.linePos(offset ?? 0);
    return `${path}:${line}:${col}`;
  };
  const errors = document.errors.map((error) => {
    const what =
      error.code === "DUPLICATE_KEY" ? "this name is there twice" : `is not YAML (${error.code})`;
    return `${place(error.pos[0])}: ${what}`;
  });
  if (errors.length > 0) return { options: [], place, problems: errors };
  return { ...readMapping(document, path), place };
}

function readMapping(document: Document.Parsed, path: string): Omit<OptionsFile, "place"> {
  const options: FileOption[] = [];
  const problems: string[] = [];
  visit(document, {
    Pair(_, pair) {
      const { key, value } = pair;
      if (!isScalar(key)) {
        problems.push(`${path}: every key must be the name of an option`);
        return visit.SKIP;
      }
      const name = String(key.value);
      const one = isScalar(value) && value.value !== null ? value.source : undefined;
      options.push({ name, text: one, node: value, offset: key.range?.[0] });
      return visit.SKIP;
    },
    Scalar(_, node) {
      if (node.value !== null) problems.push(`${path}: must be a mapping of options to values`);
      return visit.BREAK;
    },
    Seq() {
      problems.push(`${path}: must be a mapping of options to values, not a list`);
      return visit.BREAK;
    },
  });
  return { options, problems };
}
