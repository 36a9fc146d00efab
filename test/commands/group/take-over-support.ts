import assert from "node:assert/strict";
import { applyConfig, type ApplyInput } from "../../../src/commands/apply-config.ts";
import { revertChange } from "../../../src/commands/change/revert-change.ts";
import type { CommandDeps } from "../../../src/commands/deps.ts";
import { addMembers } from "../../../src/commands/group/change-members.ts";
import { deleteGroup } from "../../../src/commands/group/delete-group.ts";
import { returnGroup, takeOverGroup } from "../../../src/commands/group/take-over-group.ts";
import type { ReplicaState } from "../../../src/replica/state.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { applyInput, createTestCommands } from "../support.ts";
import { bootstrapRoot, groupOf, revisionOf } from "./live-support.ts";
import { owner, root, writing } from "./support.ts";

/** How long the groups of these tests are taken over, in milliseconds. */
export const hour = 3_600_000;

/** What a write says that has no guards. */
export const plain = { validateOnly: false, requestId: "", reason: "" };

/** A group, in YAML, whose only member owns groups. */
export const owners = `{ name: owners, owners: owners, members: ["${owner}"] }`;

/** The group that is taken over, in YAML. */
export const managed = "{ name: managed, owners: owners, members: [bot:a], globs: ['bot:x*'] }";

/** The files of the source `main`. */
export const files = `groups: [${owners}, ${managed}]`;

/** When the first take-over ends. */
export const until = "2026-01-02T13:00:00.000Z";

/** A database, and what is done to its group `managed`: taken over by `root`, and edited by its owner. */
export interface Managed {
  readonly deps: CommandDeps;
  readonly pass: (ms: number) => void;
  readonly apply: (text: string, more?: Partial<ApplyInput>) => ReturnType<typeof applyConfig>;
  readonly takeOver: (more?: object) => ReturnType<typeof takeOverGroup>;
  readonly giveBack: (more?: object) => ReturnType<typeof returnGroup>;
  readonly add: (...members: readonly string[]) => Promise<bigint>;
  readonly remove: () => Promise<bigint>;
  readonly revert: (revision: bigint) => ReturnType<typeof revertChange>;
  readonly members: () => readonly string[];
  readonly state: () => ReplicaState;
}

/** A database in which the source `main` manages the groups `owners` and `managed`. */
export async function begin(storage: Storage): Promise<Managed> {
  const { deps, pass } = await createTestCommands(storage);
  await bootstrapRoot(deps);
  const state = (): ReplicaState => deps.replica.current() ?? assert.fail();
  const { guards } = writing;
  const apply = (text: string, more: Partial<ApplyInput> = {}) =>
    applyConfig(deps, root, applyInput(text, more));
  await apply(files);
  const name = "managed";
  return {
    deps,
    pass,
    apply,
    state,
    takeOver: (more) =>
      takeOverGroup(deps, root, { ...plain, name, reason: "down", durationMs: hour, ...more }),
    giveBack: (more) => returnGroup(deps, root, { ...plain, name, ...more }),
    add: async (...members) => {
      await addMembers(deps, owner, { ...writing, group: name, members });
      return revisionOf(deps);
    },
    remove: async () => {
      await deleteGroup(deps, owner, { ...writing, name, etag: "" });
      return revisionOf(deps);
    },
    revert: (revision) => revertChange(deps, root, { ...plain, revision, guards }),
    members: () => [...groupOf(deps, name).members.values()].sort(),
  };
}
