import { isScalar, LineCounter, parseDocument, visit, type Document } from "yaml";
import { quote } from "../domain/quote.ts";

/** One value of an options file. */
export interface FileOption {
  readonly name: string;
  readonly text: string;
  /** `path:line:column`. */
  readonly place: string;
}

/** What an options file says. Problems never repeat a value. */
export interface OptionsFile {
  readonly options: readonly FileOption[];
  readonly problems: readonly string[];
}

const maxLength = 1_000_000;

/** Reads a flat YAML mapping of option names to scalars. */
export function readOptionsFile(path: string, text: string): OptionsFile {
  if (text.length > maxLength) {
    return { options: [], problems: [`${path}: must be at most ${maxLength} characters long`] };
  }
  const lines = new LineCounter();
  // Errors with an excerpt of the file could show a password.
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines });
  const place = (offset: number | undefined): string => {
    const { line, col } = lines.linePos(offset ?? 0);
    return `${path}:${line}:${col}`;
  };
  const errors = document.errors.map((error) => {
    const what =
      error.code === "DUPLICATE_KEY" ? "this option is there twice" : `is not YAML (${error.code})`;
    return `${place(error.pos[0])}: ${what}`;
  });
  if (errors.length > 0) return { options: [], problems: errors };
  return readMapping(document, path, place);
}

function readMapping(
  document: Document.Parsed,
  path: string,
  place: (offset: number | undefined) => string,
): OptionsFile {
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
      const at = place(key.range?.[0]);
      if (!isScalar(value) || value.value === null || value.source === undefined) {
        problems.push(
          `${at}: ${quote(name)} must have one value, not a list, a mapping or nothing`,
        );
      } else {
        options.push({ name, text: value.source, place: at });
      }
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
