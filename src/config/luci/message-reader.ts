import { quote } from "../../domain/quote.ts";
import { hasForbiddenCharacter } from "../../domain/text.ts";
import type { LuciProblem } from "./luci-problem.ts";
import type { TextField, TextFields, TextMessage, TextPosition, TextValue } from "./text-tree.ts";

/** A string of the file and where it stands. */
export interface PlacedText {
  readonly text: string;
  readonly position: TextPosition;
}

/** A field that has no meaning here and was left out; `name` is its path, e.g. `realms.bindings.note`. */
export interface SkippedField {
  readonly name: string;
  readonly line: number;
}

/** What reading a file collects besides its values. */
export interface ReadingNotes {
  readonly problems: LuciProblem[];
  readonly skipped: SkippedField[];
}

/**
 * Takes the fields of one message by name and type. What has the wrong type, or is given twice though it is
 * not repeated, becomes a problem and counts as absent.
 */
export interface MessageReader {
  /** The text of a field that must be there and not be empty; "" when that is a problem, noted already. */
  requiredText(name: string): PlacedText;
  /** The text of a field; undefined when it is absent, empty, or a problem. */
  optionalText(name: string): PlacedText | undefined;
  /** The texts of a repeated field. */
  texts(name: string): readonly PlacedText[];
  /** The message of a field, or undefined. */
  message(name: string): TextMessage | undefined;
  /** The messages of a repeated field. */
  messages(name: string): readonly TextMessage[];
  /** Notes every field that nobody asked for as skipped, and returns how many there were. */
  finish(): number;
}

/** Reads the fields of the message at `path` ("" for the whole file), which starts at `position`. */
export function createMessageReader(
  path: string,
  position: TextPosition,
  fields: TextFields,
  notes: ReadingNotes,
): MessageReader {
  const known = new Set<string>();
  const byName = Map.groupBy(fields, (field) => field.name);
  const report = (at: TextPosition, message: string): void => {
    notes.problems.push({ position: at, message });
  };
  const take = (name: string): readonly TextField[] => {
    known.add(name);
    return byName.get(name) ?? [];
  };
  const takeSingle = (name: string): TextValue | undefined => {
    const found = take(name);
    const [first, second] = found;
    if (first?.isList === true) report(first.position, `${name} is one value, not a list`);
    if (second !== undefined) report(second.position, `${name} is given twice`);
    return found.length === 1 && first?.isList === false ? first.values[0] : undefined;
  };
  const takeAll = (name: string): readonly TextValue[] =>
    take(name).flatMap(({ values }) => values);
  const toText = (name: string, value: TextValue): PlacedText | undefined => {
    const rule = textRule(value);
    if (rule === undefined && value.kind === "string") {
      return { text: value.text, position: value.position };
    }
    report(value.position, `${name} ${rule}`);
    return undefined;
  };
  const toMessage = (name: string, value: TextValue): TextMessage | undefined => {
    if (value.kind === "message") return value;
    report(value.position, `${name} must be a message in { }`);
    return undefined;
  };
  return {
    optionalText: (name) => {
      const value = takeSingle(name);
      const text = value === undefined ? undefined : toText(name, value);
      return text?.text === "" ? undefined : text;
    },
    requiredText: (name) => {
      const value = takeSingle(name);
      if (value === undefined) {
        if (!byName.has(name)) report(position, `${path} has no ${name}`);
        return { text: "", position };
      }
      const text = toText(name, value);
      if (text?.text === "") report(text.position, `${name} must not be empty`);
      return text ?? { text: "", position };
    },
    texts: (name) => takeAll(name).flatMap((value) => toText(name, value) ?? []),
    message: (name) => {
      const value = takeSingle(name);
      return value === undefined ? undefined : toMessage(name, value);
    },
    messages: (name) => takeAll(name).flatMap((value) => toMessage(name, value) ?? []),
    finish: () => {
      const unknown = fields.filter((field) => !known.has(field.name));
      for (const field of unknown) {
        const name = path === "" ? field.name : `${path}.${field.name}`;
        notes.skipped.push({ name, line: field.position.line });
      }
      return unknown.length;
    },
  };
}

/** What is wrong with a value that must be text, or undefined. */
function textRule(value: TextValue): string | undefined {
  if (value.kind !== "string") return "must be a string in quotes";
  if (!value.isUtf8) return "must be UTF-8";
  if (hasForbiddenCharacter(value.text)) {
    return `must not hold control characters, as ${quote(value.text)} does`;
  }
  return undefined;
}
