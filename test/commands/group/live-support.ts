import assert from "node:assert/strict";
import { bootstrapKey } from "../../../src/commands/bootstrap-key.ts";
import type { CommandDeps } from "../../../src/commands/deps.ts";
import { createGroup } from "../../../src/commands/group/create-group.ts";
import { createImportedGroups } from "../../../src/commands/group/imported-groups.ts";
import { updateGroup } from "../../../src/commands/group/update-group.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import type { GroupEntry } from "../../../src/engine/group-entry.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { createTestCommands } from "../support.ts";
import { groupInput, owner, root, writing } from "./support.ts";

/** Commands on a database in which `root` administers, and `owner` owns the group `team` of nobody. */
export async function begin(storage: Storage): Promise<CommandDeps> {
  const { deps } = await createTestCommands(storage);
  await bootstrapRoot(deps);
  const owners = groupInput("team-owners", { members: [owner] });
  await createGroup(deps, root, { ...writing, group: owners });
  const team = groupInput("team", { owners: "team-owners", members: ["user:Ann@example.com"] });
  await createGroup(deps, root, { ...writing, group: team });
  return deps;
}

/** Makes `root` the administrator of an empty database. */
export async function bootstrapRoot(deps: CommandDeps): Promise<void> {
  const key = { identity: root, description: "", ttlSeconds: undefined, noExpiry: true };
  await bootstrapKey(deps, { ...key, breakGlass: false, reason: "" });
  await deps.replica.refresh();
}

/** A group that is there, as a replica has it. */
export function groupOf(deps: CommandDeps, name: string): GroupEntry {
  return deps.replica.current()?.snapshot.groups.entry(name) ?? assert.fail(`no group ${name}`);
}

/** The revision that a replica has reached. */
export function revisionOf(deps: CommandDeps): bigint {
  return deps.replica.current()?.revision ?? assert.fail();
}

/** Updates the fields of a group that a mask names. */
export const update = (
  deps: CommandDeps,
  author: Identity,
  name: string,
  mask: readonly string[],
  more: Parameters<typeof groupInput>[1],
  rest: { readonly etag?: string; readonly requestId?: string } = {},
) =>
  updateGroup(deps, author, {
    ...writing,
    group: groupInput(name, more),
    updateMask: mask,
    etag: "",
    ...rest,
  });

/** What an import of these members says, by the names of their groups. */
export const imported = (prefix: string, sent: Readonly<Record<string, readonly string[]>>) => {
  const groups = createImportedGroups(prefix);
  for (const [name, members] of Object.entries(sent)) groups.add({ name, members });
  return { prefix, groups: groups.build() };
};
