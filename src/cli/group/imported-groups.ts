import { basename } from "node:path";
import { groupName } from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import type { FileProblem } from "./file-problem.ts";
import { readMember, readMemberList } from "./member.ts";
import { parseCsv, type CsvRecord } from "./parse-csv.ts";
import type { NamedText } from "./read-text.ts";

/** How the files of an import are written. */
export type ImportFormat = "list" | "csv";

/** What is known about the files of an import besides their texts. */
export interface ImportRules {
  /** The prefix of all groups, without its slash. */
  readonly prefix: string;
  /** Undefined: a file whose name ends in `.csv` is a table, any other one a list. */
  readonly format: ImportFormat | undefined;
  /** The domain of bare names; undefined: they are problems. */
  readonly domain: string | undefined;
}

/** The groups of an import by their full names, each with its members. */
export type ImportedGroups = ReadonlyMap<string, readonly string[]>;

/**
 * Reads the files of an import, and finds all problems at once. A list is one group, named as the file is without
 * `.txt` or `.list`; a table has the groups and members in its records. Never throws.
 */
export function readImportedGroups(
  files: readonly NamedText[],
  rules: ImportRules,
): { readonly groups: ImportedGroups; readonly problems: readonly FileProblem[] } {
  const groups = new Map<string, string[]>();
  const listed = new Map<string, string>();
  const problems: FileProblem[] = [];
  for (const file of files) {
    const report = (line: number, message: string): void => {
      problems.push({ file: file.path, line, message });
    };
    if (isTable(file.path, rules.format)) {
      readTable(file.text, rules, groups, report);
      continue;
    }
    const name = fullName(basename(file.path).replace(/\.(?:txt|list)$/, ""), rules.prefix);
    const list = readMemberList(file, rules.domain);
    problems.push(...list.problems);
    if (list.members.length + list.problems.length === 0) report(0, emptyListRule);
    if (name === undefined) {
      report(0, `the name of the file is that of its group, which ${groupName.rule}`);
      continue;
    }
    const other = listed.get(name);
    if (other !== undefined) report(0, `${other} is of the group ${quote(name)} too`);
    listed.set(name, file.path);
    appendTo(groups, name, list.members);
  }
  return { groups, problems };
}

// More often a program that failed than a group that nobody is left in.
const emptyListRule =
  "this list has no member: if the group is to be empty, say so in a table, with a record that ends behind its comma";

function isTable(path: string, format: ImportFormat | undefined): boolean {
  return format === undefined ? /\.csv$/i.test(path) : format === "csv";
}

/** The full name of a group that a file names with or without its prefix; undefined: it is malformed. */
function fullName(name: string, prefix: string): string | undefined {
  const full = name.includes("/") ? name : `${prefix}/${name}`;
  return full.startsWith(`${prefix}/`) && groupName.test(full) ? full : undefined;
}

function appendTo(groups: Map<string, string[]>, name: string, members: readonly string[]): void {
  const known = groups.get(name);
  if (known === undefined) {
    groups.set(name, [...members]);
    return;
  }
  for (const member of members) known.push(member);
}

type Report = (line: number, message: string) => void;

function readTable(
  text: string,
  rules: ImportRules,
  groups: Map<string, string[]>,
  report: Report,
): void {
  const { records, fault } = parseCsv(text);
  for (const [index, record] of records.entries()) {
    const kind = index === 0 ? kindOfFirst(record) : "data";
    if (kind === "data") readRecord(record, rules, groups, report);
    if (kind === "strange header") report(record.line, headerRule);
  }
  if (fault !== undefined) report(fault.line, fault.message);
}

const headerRule =
  "this looks like a header, which must be group,member: the group comes first, then the member";

/** Columns in another order would else be taken for groups named as people, with members named as groups. */
function kindOfFirst({ fields }: CsvRecord): "header" | "strange header" | "data" {
  const names = fields.map((field) => field.trim().toLowerCase());
  if (names.join() === "group,member") return "header";
  return names[0] === "group" || names[0] === "member" ? "strange header" : "data";
}

function readRecord(
  { line, fields }: CsvRecord,
  { prefix, domain }: ImportRules,
  groups: Map<string, string[]>,
  report: Report,
): void {
  const [group = "", text = "", ...others] = fields.map((field) => field.trim());
  if (fields.length < 2 || others.length > 0) {
    report(line, `a record must have two fields, group and member; this one has ${fields.length}`);
    return;
  }
  const name = fullName(group, prefix);
  if (name === undefined) {
    const shown = quote(group.slice(0, 200));
    report(
      line,
      group.includes("/") && !group.startsWith(`${prefix}/`)
        ? `${shown} is not of the prefix ${quote(prefix)}: leave its own out, or import it by itself`
        : `the name of a group of ${quote(prefix)} ${groupName.rule}: ${shown}`,
    );
  }
  // A group without a member exists and is empty, unless other records add some.
  const member = text === "" ? undefined : readMember(text, domain);
  if (member?.kind === "problem") report(line, member.message);
  if (name !== undefined) {
    appendTo(groups, name, member?.kind === "member" ? [member.identity] : []);
  }
}
