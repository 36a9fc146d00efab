import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
} from "yaml";
import { createAliasResolver, type AliasResolver } from "./aliases.ts";
import type { PathSegment, Place, Position, ReadFile } from "./place.ts";
import type { ProblemList } from "./problem-list.ts";
import { readMessage } from "./read-message.ts";

/** The longest text that is read, in UTF-16 code units. */
export const maxTextLength = 64 * 1024 * 1024;

/** After this many syntax errors in a file the rest is most likely a consequence of them. */
const maxSyntaxErrors = 20;

/** What a text is to hold: a message, and the name of a field to begin with, for a hint. */
export interface Wanted<Desc extends DescMessage> {
  readonly desc: Desc;
  readonly firstField: string;
}

/** Reads a YAML or JSON text; undefined when it is no such text, which the problems then say. */
export function readYaml<Desc extends DescMessage>(
  wanted: Wanted<Desc>,
  input: { readonly path: string; readonly index: number; readonly text: string },
  problems: ProblemList,
): ReadFile<MessageShape<Desc>> | undefined {
  const { path, index, text } = input;
  const whole: Place = { file: { path, index, locate: () => fileStart }, segments: [] };
  if (text.length > maxTextLength) {
    problems.error(
      whole,
      `the file is longer than ${maxTextLength} characters`,
      "cut it into several",
    );
    return undefined;
  }
  const lines = new LineCounter();
  const document = parse(text, lines);
  if (document === undefined) {
    problems.error(whole, "the file is nested too deeply");
    return undefined;
  }
  if (!reportSyntax(document, lines, whole, problems)) return undefined;

  const aliases = createAliasResolver(document);
  const locate = createLocator(document, lines, aliases);
  const place: Place = { file: { path, index, locate }, segments: [] };
  const message = readDocument(wanted, document, aliases, place, lines, problems);
  return message === undefined ? undefined : { path, index, message, locate };
}

const fileStart: Position = { line: 1, column: 1 };

function parse(text: string, lineCounter: LineCounter): Document.Parsed | undefined {
  try {
    return parseDocument(text, {
      version: "1.2",
      schema: "core",
      customTags: [],
      resolveKnownTags: false,
      merge: false,
      // Duplicates are found while reading: the parser would compare each key with each other one.
      uniqueKeys: false,
      prettyErrors: false,
      lineCounter,
    });
  } catch (error) {
    // The parser recurses; only a text of thousands of nested brackets exhausts the stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Reports what the parser has found; false when the document cannot be read. */
function reportSyntax(
  document: Document.Parsed,
  lines: LineCounter,
  whole: Place,
  problems: ProblemList,
): boolean {
  if (document.directives.yaml.version !== "1.2") {
    problems.error(
      whole,
      `YAML ${document.directives.yaml.version} is not supported`,
      "use YAML 1.2",
    );
    return false;
  }
  for (const { code, message, pos } of document.errors.slice(0, maxSyntaxErrors)) {
    const position = positionAt(lines, pos[0]);
    if (code === "MULTIPLE_DOCS") {
      const hint = 'put each document into a file of its own, and leave out "---"';
      problems.error(whole, "the file holds more than one YAML document", hint, position);
    } else {
      const hint = code === "TAB_AS_INDENT" ? "indent with spaces" : "";
      problems.error(whole, `YAML syntax: ${message}`, hint, position);
    }
  }
  return document.errors.length === 0;
}

function readDocument<Desc extends DescMessage>(
  { desc, firstField }: Wanted<Desc>,
  document: Document.Parsed,
  aliases: AliasResolver,
  place: Place,
  lines: LineCounter,
  problems: ProblemList,
): MessageShape<Desc> | undefined {
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    problems.warning(place, "the file is empty", "", fileStart);
    return create(desc);
  }
  if (!isMap(contents)) {
    const hint = `start with a field such as "${firstField}:"`;
    problems.error(place, "the file does not hold a mapping of fields", hint, fileStart);
    return undefined;
  }
  const position = (node: Node | null): Position | undefined => {
    const start = node?.range?.[0];
    return start === undefined ? undefined : positionAt(lines, start);
  };
  return readMessage(desc, contents, place, { problems, aliases, position });
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

/** Finds fields in the tree when asked, which is seldom: positions of all of them would cost much more. */
function createLocator(
  document: Document.Parsed,
  lines: LineCounter,
  aliases: AliasResolver,
): (segments: readonly PathSegment[]) => Position {
  return (segments) => {
    let node: unknown = document.contents;
    let position = fileStart;
    for (const segment of segments) {
      const parent: unknown = isAlias(node) ? aliases.find(node) : node;
      let found: unknown;
      let at: unknown;
      if (typeof segment === "number" && isSeq(parent)) {
        at = found = parent.items[segment];
      } else if (typeof segment === "string" && isMap(parent)) {
        const pair = parent.items.find(({ key }) => isScalar(key) && key.value === segment);
        found = pair?.value;
        at = isEmpty(found) ? pair?.key : found;
      }
      const offset = rangeStart(at);
      if (offset === undefined) break;
      position = positionAt(lines, offset);
      node = found;
    }
    return position;
  };
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.source === "");
}

function rangeStart(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)
    ? node.range?.[0]
    : undefined;
}
