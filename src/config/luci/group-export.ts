import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { groupName } from "../../domain/names.ts";
import { show } from "../show.ts";
import type { ConfigProblem } from "../problem.ts";
import {
  distinctEntries,
  groupDescriptionRule,
  isGroupDescription,
  type ListedGroup,
} from "./listed-group.ts";
import { isLuciGlob, isLuciIdentity, luciIdentityRule } from "./luci-identity.ts";
import { toConfigProblems } from "./luci-problem.ts";
import type { PlacedText, SkippedField } from "./message-reader.ts";
import type { TextPosition } from "./text-tree.ts";

const yamlOptions = { uniqueKeys: false, prettyErrors: false } as const;

type Path = readonly (string | number)[];

/** A value of the export and where it stands. */
interface Placed {
  readonly value: unknown;
  readonly path: Path;
}

/** Collects while an export is read. */
interface Notes {
  readonly problems: { readonly path: Path; readonly message: string }[];
  readonly skipped: { readonly path: Path; readonly name: string }[];
  readonly locate: (path: Path) => TextPosition;
}

/**
 * Reads groups from the JSON of LUCI's auth service: `{"groups": [...]}` as ListGroups and exports of the
 * database have it, or one group as GetGroup answers. Never throws.
 */
export function readGroupExport(input: { readonly path: string; readonly text: string }): {
  readonly groups: readonly ListedGroup[];
  readonly skipped: readonly SkippedField[];
  readonly problems: readonly ConfigProblem[];
} {
  const { path, text } = input;
  const parsed = parseJson(text);
  if ("message" in parsed) {
    return { groups: [], skipped: [], problems: toConfigProblems(path, [parsed]) };
  }
  const notes: Notes = { problems: [], skipped: [], locate: createLocator(text) };
  const groups = listGroups(parsed.value, notes).flatMap(
    (found) => readGroup(path, found, notes) ?? [],
  );
  const problems = notes.problems.map(({ path: at, message }) => ({
    position: notes.locate(at),
    path: showPath(at),
    message,
  }));
  const skipped = notes.skipped.map(({ path: at, name }) => ({
    name,
    line: notes.locate(at).line,
  }));
  return { groups, skipped, problems: toConfigProblems(path, problems) };
}

function parseJson(
  text: string,
): { readonly value: unknown } | { readonly position: TextPosition; readonly message: string } {
  try {
    return { value: JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text) as unknown };
  } catch {
    // What JSON does not allow and YAML does, as a comma at the end of a list, is found nowhere.
    const lines = new LineCounter();
    const [first] = parseDocument(text, { ...yamlOptions, lineCounter: lines }).errors;
    const { line, col } = lines.linePos(first?.pos[0] ?? 0);
    const position = { line, column: col };
    return { position, message: "expected JSON of LUCI's auth service, found something else" };
  }
}

function listGroups(value: unknown, notes: Notes): readonly Placed[] {
  if (isObject(value) && Array.isArray(value["groups"])) {
    for (const name of Object.keys(value)) {
      if (name !== "groups") notes.skipped.push({ path: [name], name });
    }
    return value["groups"].map((group: unknown, index) => ({
      value: group,
      path: ["groups", index],
    }));
  }
  if (isObject(value) && typeof value["name"] === "string") return [{ value, path: [] }];
  const message = 'expected {"groups": [...]} or one group with a "name"';
  notes.problems.push({ path: [], message });
  return [];
}

const knownFields: ReadonlySet<string> = new Set([
  ...["name", "description", "owners", "members", "globs", "nested"],
  ...["numRedacted", "num_redacted"],
]);

function readGroup(file: string, { value, path }: Placed, notes: Notes): ListedGroup | undefined {
  const problem = (at: Path, message: string): void => {
    notes.problems.push({ path: [...path, ...at], message });
  };
  if (!isObject(value)) {
    problem([], "a group must be an object");
    return undefined;
  }
  const text = (field: string): string => {
    const found = value[field] ?? "";
    if (typeof found === "string") return found;
    problem([field], `${field} must be a text`);
    return "";
  };
  const name = text("name");
  if (!groupName.test(name)) problem(["name"], `name ${groupName.rule}: ${show(name)}`);
  const owners = text("owners");
  if (owners !== "" && !groupName.test(owners)) {
    problem(["owners"], `owners ${groupName.rule}: ${show(owners)}`);
  }
  const description = text("description");
  if (!isGroupDescription(description)) {
    problem(["description"], `description ${groupDescriptionRule}`);
  }
  const texts = (field: string, isGood: (text: string) => boolean, rule: string): string[] => {
    const found: unknown = value[field] ?? [];
    if (!Array.isArray(found)) {
      problem([field], `${field} must be a list`);
      return [];
    }
    return found.flatMap((item: unknown, index) => {
      if (typeof item === "string" && isGood(item)) return [item];
      const shown = typeof item === "string" ? `: ${show(item)}` : "";
      problem([field, index], `${rule}${shown}`);
      return [];
    });
  };
  const members = texts("members", isLuciIdentity, `a member ${luciIdentityRule}`);
  const globs = texts("globs", isLuciGlob, 'a glob must be "kind:pattern" with a kind of LUCI');
  const nested = texts("nested", groupName.test, `the name of a group ${groupName.rule}`);
  for (const field of Object.keys(value)) {
    if (knownFields.has(field)) continue;
    notes.skipped.push({ path: [...path, field], name: `groups.${field}` });
  }
  const place = (placed: string, at: Path): PlacedText => ({
    text: placed,
    get position() {
      return notes.locate([...path, ...at]);
    },
  });
  return {
    name,
    path: file,
    description,
    owners: owners === "" ? undefined : place(owners, ["owners"]),
    ...distinctEntries({
      members,
      globs,
      nested: nested.map((group, index) => place(group, ["nested", index])),
    }),
    hidden: Number(value["numRedacted"] ?? value["num_redacted"] ?? 0) || 0,
  };
}

/** `groups[3].members[0]`. */
function showPath(path: Path): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .replace(/^\./, "");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The longest text in which places are looked for: the parser that knows them is slow, and needs much memory. */
const maxLocatedText = 4 * 1024 * 1024;

/** Finds values of a JSON text when asked; line 0 in a text that is too long or too deep for that. */
function createLocator(text: string): (path: Path) => TextPosition {
  const lines = new LineCounter();
  const parse = (): unknown => (text.length > maxLocatedText ? undefined : parseYaml(text, lines));
  let parsed: { readonly root: unknown } | undefined;
  return (path) => {
    parsed ??= { root: parse() };
    let node = parsed.root;
    if (node === undefined) return { line: 0, column: 0 };
    let start = 0;
    for (const segment of path) {
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && key.value === segment);
        node = pair?.value;
      } else if (isSeq(node) && typeof segment === "number") {
        node = node.items[segment];
      } else break;
      if (!isMap(node) && !isSeq(node) && !isScalar(node)) break;
      start = node.range?.[0] ?? start;
    }
    const { line, col } = lines.linePos(start);
    return { line, column: col };
  };
}

/** Undefined when the text nests so deeply that the parser, which recurses, gives up. */
function parseYaml(text: string, lineCounter: LineCounter): unknown {
  try {
    return parseDocument(text, { ...yamlOptions, lineCounter }).contents;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
