import { groupName, rootGroup } from "../../domain/names.ts";
import { show } from "../show.ts";
import type { ConfigProblem } from "../problem.ts";
import { checkLuciCycles } from "./check-cycles.ts";
import { readGroupExport } from "./group-export.ts";
import { readGroupList } from "./group-list.ts";
import type { ListedGroup } from "./listed-group.ts";
import { toConfigProblems } from "./luci-problem.ts";
import type { SkippedField } from "./message-reader.ts";

/** A file of a directory of groups. */
export interface GroupFile {
  /** As messages name it. */
  readonly path: string;
  /** Its path inside of the directory, with `/` between the parts. */
  readonly relative: string;
  readonly text: string;
}

/** The groups of a directory. */
export interface GroupLists {
  /** In the order of the files, without `administrators`. */
  readonly groups: readonly ListedGroup[];
  /** The list of `administrators`, which is left out: see importLuci. */
  readonly administrators: ListedGroup | undefined;
  readonly skipped: readonly (SkippedField & { readonly path: string })[];
  readonly problems: readonly ConfigProblem[];
}

/**
 * Reads a directory of groups: `*.json` by readGroupExport, all other files by readGroupList, where the path
 * without `.txt` or `.list` is the name of the group. Never throws.
 */
export function readGroupLists(
  files: readonly GroupFile[],
  domain: string | undefined,
): GroupLists {
  const problems: ConfigProblem[] = [];
  const skipped: (SkippedField & { readonly path: string })[] = [];
  const groups = new Map<string, ListedGroup>();
  const add = (group: ListedGroup): void => {
    const first = groups.get(group.name);
    if (first === undefined) groups.set(group.name, group);
    else problems.push(twice(group, first));
  };
  for (const { path, relative, text } of files) {
    if (relative.endsWith(".json")) {
      const found = readGroupExport({ path, text });
      problems.push(...found.problems);
      skipped.push(...found.skipped.map((field) => ({ ...field, path })));
      for (const group of found.groups) add(group);
      continue;
    }
    const name = relative.replace(/\.(?:txt|list)$/, "");
    if (!groupName.test(name)) {
      const message = `the path of a list is the name of its group, which ${groupName.rule}: ${show(name)}`;
      problems.push(...toConfigProblems(path, [{ position: { line: 0, column: 0 }, message }]));
      continue;
    }
    const { group, problems: found } = readGroupList({ name, path, text, domain });
    problems.push(...found);
    add(group);
  }
  if (problems.length === 0) problems.push(...checkNesting(groups));
  const administrators = groups.get(rootGroup);
  groups.delete(rootGroup);
  return { groups: [...groups.values()], administrators, skipped, problems };
}

function twice(group: ListedGroup, first: ListedGroup): ConfigProblem {
  const message = `the group ${show(group.name)} is in ${show(first.path)} already`;
  const position = { line: 0, column: 0 };
  return { severity: "error", file: group.path, ...position, path: "", message, hint: "" };
}

function checkNesting(groups: ReadonlyMap<string, ListedGroup>): readonly ConfigProblem[] {
  const graph = new Map([...groups.values()].map(({ name, nested }) => [name, nested]));
  const problems: ConfigProblem[] = [];
  checkLuciCycles("groups nest each other in a circle", graph, (problem, from) => {
    problems.push(...toConfigProblems(groups.get(from)?.path ?? "", [problem]));
  });
  return problems;
}
