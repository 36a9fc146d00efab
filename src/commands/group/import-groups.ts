import { sortByName } from "../../domain/bytewise.ts";
import type { EntityChange } from "../../domain/entity.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import { rootGroup } from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import type { Effects } from "../../engine/effects/effects.ts";
import type { GroupEntry } from "../../engine/group-entry.ts";
import { isAdministrator, mayReadAllGroups } from "../../engine/group-rights.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { usableState, type CommandDeps } from "../deps.ts";
import { requestHash } from "../input.ts";
import { isEditedHere, neededGroups, requireImporter } from "./authorise.ts";
import { changeGroups, type WriteInput } from "./change-groups.ts";
import { groupChanges } from "./group-changes.ts";
import { forbidden, managedBySource } from "./group-errors.ts";
import type { Members } from "./group-syntax.ts";
import { hashOfGroups, type ImportedGroups } from "./imported-groups.ts";
import { referredGroups } from "./referrers.ts";
import { withEndedTakeOvers } from "./take-overs.ts";

/** What ImportGroups is asked to do. */
export interface ImportGroupsInput extends WriteInput {
  /** Without the slash. */
  readonly prefix: string;
  /** All groups of the prefix. */
  readonly groups: ImportedGroups;
}

/** What an import came to. */
export interface ImportedResult {
  readonly groupsCreated: number;
  readonly groupsUpdated: number;
  readonly groupsDeleted: number;
  /** Those that this import emptied since they are in use, sorted; none for those who are no readers. */
  readonly groupsEmptied: readonly string[];
  readonly membersAdded: number;
  readonly membersRemoved: number;
  readonly revisionToken: string;
  readonly effects: Effects | undefined;
}

/**
 * Replaces all groups of a prefix: those that are not given are deleted, or emptied while something refers to them.
 * Fails with GROUP_REQUIRED, MANAGED_BY_SOURCE, and as planChange does.
 */
export async function importGroups(
  deps: CommandDeps,
  author: Identity,
  input: ImportGroupsInput,
): Promise<ImportedResult> {
  const { prefix, groups, reason, guards } = input;
  const outcome = await changeGroups<undefined, undefined>(deps, {
    author,
    input,
    requestHash: () =>
      requestHash("GroupService/ImportGroups", [prefix, hashOfGroups(groups), reason, guards]),
    authorise: ({ snapshot }) => requireImporter(snapshot, author),
    read: () => undefined,
    plan: (state) => ({
      source: undefined,
      changes: planImport(state, author, input, deps.clock()),
      found: undefined,
    }),
  });
  const { emptied, ...counts } = countImport(outcome.changes, groups);
  const isReader = mayReadAllGroups(usableState(deps).snapshot, author);
  return {
    ...counts,
    groupsEmptied: isReader ? emptied : [],
    revisionToken: outcome.revisionToken,
    effects: outcome.effects,
  };
}

function planImport(
  state: ReplicaState,
  author: Identity,
  { prefix, groups }: ImportGroupsInput,
  now: Date,
): readonly EntityChange[] {
  const existing = new Map<string, GroupEntry>();
  for (const entry of state.snapshot.groups.entries()) {
    if (entry.name.startsWith(`${prefix}/`)) existing.set(entry.name, entry);
  }
  const managed = [...existing.values()].filter((entry) => !isEditedHere(state, entry, now));
  if (managed.length > 0) throw firstManaged(state, author, prefix, managed);
  const changes: EntityChange[] = [];
  // One by one: a call does not take as many arguments as there may be changes.
  const add = (more: readonly EntityChange[]): void => {
    for (const change of more) changes.push(change);
  };
  for (const [name, members] of groups) {
    const before = existing.get(name);
    add(groupChanges(before, content(name, before, keepSpelling(before, members))));
  }
  const referred = referredGroups(state);
  for (const [name, before] of existing) {
    if (groups.has(name)) continue;
    const after = referred.has(name) ? content(name, before, new Map()) : undefined;
    add(groupChanges(before, after));
  }
  requireHarmless(state, author, changes);
  return withEndedTakeOvers(state, sortChanges(changes));
}

/**
 * Throws GROUP_FORBIDDEN when an author who is no administrator changes who is in a group that Fleetgate's own rights
 * hang on: whoever imports the groups that these nest, or by which they are owned, would decide who has the rights.
 */
function requireHarmless(
  { snapshot, expanded }: ReplicaState,
  author: Identity,
  changes: readonly EntityChange[],
): void {
  if (isAdministrator(snapshot, author)) return;
  const below = new Set<string>([...neededGroups, expanded.settings.readersGroup]);
  // The set grows while it is walked.
  for (const name of below) {
    const entry = snapshot.groups.entry(name);
    if (entry === undefined) continue;
    for (const nested of entry.nested) below.add(nested);
    below.add(entry.owners);
  }
  for (const change of changes) {
    const body = change.after ?? change.before;
    const group = body !== undefined && "group" in body ? body.group : undefined;
    if (group !== undefined && below.has(group)) throw forbidden(group, "import");
  }
}

/** An imported group is owned by the administrators, and has members only. */
function content(
  name: string,
  before: GroupEntry | undefined,
  members: Members,
): Parameters<typeof groupChanges>[1] {
  const description = before?.description ?? "";
  return { name, description, owners: rootGroup, members, globs: [], nested: [] };
}

/** Members that are there already stay as they are: only who is a member counts. */
function keepSpelling(before: GroupEntry | undefined, members: Members): Members {
  if (before === undefined) return members;
  const kept = new Map<Identity, Identity>();
  for (const [folded, typed] of members) kept.set(folded, before.members.get(folded) ?? typed);
  return kept;
}

function firstManaged(
  { snapshot }: ReplicaState,
  author: Identity,
  prefix: string,
  groups: readonly GroupEntry[],
): DomainError {
  const [first] = sortByName(groups);
  if (first !== undefined && mayReadAllGroups(snapshot, author)) {
    return managedBySource(first.name, first.managedBy);
  }
  return new DomainError(
    "MANAGED_BY_SOURCE",
    `a source of configuration manages some group ${quote(`${prefix}/...`)}: change it there`,
    { prefix },
  );
}

const kinds: readonly EntityChange["kind"][] = [
  "group",
  "group_glob",
  "group_member",
  "group_nested",
];

/** In the order of kinds and keys. Those of one group and kind are in order already. */
function sortChanges(changes: readonly EntityChange[]): readonly EntityChange[] {
  const byKind = Map.groupBy(changes, ({ kind }) => kind);
  return kinds.flatMap((kind) => {
    const ofKind = byKind.get(kind) ?? [];
    // All of these keys are ASCII but for globs, whose order does not matter to anybody.
    return ofKind.sort((left, right) => (left.key < right.key ? -1 : 1));
  });
}

/** What changes of an import come to, planned or recorded. */
function countImport(
  changes: readonly EntityChange[],
  sent: ImportedGroups,
): Pick<
  ImportedResult,
  "groupsCreated" | "groupsUpdated" | "groupsDeleted" | "membersAdded" | "membersRemoved"
> & { readonly emptied: readonly string[] } {
  const created = new Set<string>();
  const deleted = new Set<string>();
  const touched = new Set<string>();
  let membersAdded = 0;
  let membersRemoved = 0;
  for (const change of changes) {
    if (change.kind === "group") {
      if (change.before === undefined) created.add(change.key);
      else if (change.after === undefined) deleted.add(change.key);
    } else if (change.kind === "group_member") {
      touched.add((change.after ?? change.before)?.group ?? "");
      if (change.before === undefined) membersAdded += 1;
      else if (change.after === undefined) membersRemoved += 1;
    }
  }
  const updated = [...touched].filter((name) => !created.has(name) && !deleted.has(name));
  return {
    groupsCreated: created.size,
    groupsUpdated: updated.length,
    groupsDeleted: deleted.size,
    membersAdded,
    membersRemoved,
    emptied: updated.filter((name) => !sent.has(name)).sort(),
  };
}
