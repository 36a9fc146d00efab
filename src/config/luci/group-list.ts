import { groupName } from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import type { ConfigProblem } from "../problem.ts";
import {
  distinctEntries,
  groupDescriptionRule,
  isGroupDescription,
  type GroupEntries,
  type ListedGroup,
} from "./listed-group.ts";
import { isLuciGlob, isLuciIdentity, luciIdentityRule } from "./luci-identity.ts";
import { toConfigProblems, type LuciProblem } from "./luci-problem.ts";
import type { PlacedText } from "./message-reader.ts";

interface GroupListInput {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  /** The domain of bare words; undefined: they are problems. */
  readonly domain: string | undefined;
}

/**
 * Reads a list of members, one a line: an identity `kind:value`, an e-mail address (a `user:`), a glob (it
 * holds a `*`), `group:name`, or a bare word when `domain` is given. `owners: name` and `description: text`
 * may stand once. What follows `#` at the start of a line or behind a space is a comment. Never throws.
 */
export function readGroupList(input: GroupListInput): {
  readonly group: ListedGroup;
  readonly problems: readonly ConfigProblem[];
} {
  const { name, path, text, domain } = input;
  const problems: LuciProblem[] = [];
  const entries: GroupEntries = { members: [], globs: [], nested: [] };
  const fields = new Map<string, PlacedText>();
  for (const [index, line] of withoutMark(text)
    .split(/\r\n|[\n\r]/)
    .entries()) {
    const entry = line.replace(/(?:^|[ \t])#.*$/u, "").trim();
    if (entry === "") continue;
    const column = line.length - line.trimStart().length + 1;
    const place = { text: entry, position: { line: index + 1, column } };
    const problem = readField(place, fields) ?? readEntry(place, entries, domain);
    if (problem !== "") problems.push({ position: place.position, message: problem });
  }
  const group: ListedGroup = {
    name,
    path,
    description: fields.get("description")?.text ?? "",
    owners: fields.get("owners"),
    ...distinctEntries(entries),
    hidden: 0,
  };
  return { group, problems: toConfigProblems(path, problems) };
}

function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** Takes `owners: name` and `description: text`; "" or a problem when it is one of them, else undefined. */
function readField(
  { text, position }: PlacedText,
  fields: Map<string, PlacedText>,
): string | undefined {
  const found = /^(owners|description):(.*)$/u.exec(text);
  if (found === null) return undefined;
  const [, field = "", rest = ""] = found;
  const value = rest.trim();
  if (fields.has(field)) return `${field} is given twice`;
  if (field === "owners" && !groupName.test(value)) {
    return `the name of a group ${groupName.rule}: ${quote(value)}`;
  }
  if (field === "description" && !isGroupDescription(value)) {
    return `description ${groupDescriptionRule}`;
  }
  fields.set(field, { text: value, position });
  return "";
}

/** Takes one entry; returns "" or what is wrong with it. */
function readEntry(
  { text, position }: PlacedText,
  entries: GroupEntries,
  domain: string | undefined,
): string {
  const shown = quote(text.slice(0, 200));
  if (text.startsWith("group:")) {
    const nested = text.slice("group:".length);
    if (!groupName.test(nested)) return `the name of a group ${groupName.rule}: ${shown}`;
    entries.nested.push({ text: nested, position });
    return "";
  }
  const isBareAddress = text.includes("@") && !text.includes(":");
  if (text.includes("*")) {
    const glob = isBareAddress ? `user:${text}` : text;
    if (!isLuciGlob(glob)) return `a glob must be "kind:pattern" with a kind of LUCI: ${shown}`;
    entries.globs.push(glob);
    return "";
  }
  const isWord = !text.includes("@") && !text.includes(":");
  if (isWord && domain === undefined) {
    return `${shown} has no kind: write "kind:value", or give --group-domain for names of a domain`;
  }
  const member = isWord ? `user:${text}@${domain ?? ""}` : isBareAddress ? `user:${text}` : text;
  if (!isLuciIdentity(member)) {
    return `a member ${luciIdentityRule}, or "group:name": ${shown}`;
  }
  entries.members.push(member);
  return "";
}
