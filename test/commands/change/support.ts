import { diffEntities, toEntities } from "../../../src/config/entities.ts";
import { getChange, type GetChangeInput } from "../../../src/commands/change/get-change.ts";
import { listChanges, type ListChangesInput } from "../../../src/commands/change/list-changes.ts";
import { revertChange, type RevertInput } from "../../../src/commands/change/revert-change.ts";
import { applyConfig, type ApplyInput } from "../../../src/commands/apply-config.ts";
import type { CommandDeps } from "../../../src/commands/deps.ts";
import { lockOutGuards } from "../../../src/commands/guards.ts";
import { planChange } from "../../../src/commands/plan-change.ts";
import type { EntityChange } from "../../../src/domain/entity.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { emptyConfiguration, type Group } from "../../../src/domain/model.ts";
import { unmanaged } from "../../../src/domain/names.ts";
import { configurationOf, configurationsOf } from "../../../src/replica/configurations.ts";
import type { ReplicaState } from "../../../src/replica/state.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { applyInput, createTestCommands } from "../support.ts";

/** Who asks in these tests. */
export const people = {
  root: "user:root@example.com" as Identity,
  auditor: "user:auditor@example.com" as Identity,
  owner: "user:owner@example.com" as Identity,
  member: "user:member@example.com" as Identity,
};

/** A group that nobody manages. */
export function makeGroup(name: string, more: Partial<Group> = {}): Group {
  const group = { name, description: "", owners: "administrators", members: [], globs: [] };
  return { ...group, nested: [], ...more };
}

/** The group `team`, with these members. */
export const team = (...members: readonly string[]): Group =>
  makeGroup("team", { owners: "owners", members });

/** A configuration of one pool. */
export const pool = (name: string): string => `pools: [{ name: ${name}, realm: "p:r" }]`;

/** The groups of openLog. */
export const usualGroups: readonly Group[] = [
  makeGroup("administrators", { members: [people.root] }),
  makeGroup("auditors", { members: [people.auditor] }),
  makeGroup("owners", { members: [people.owner] }),
  makeGroup("team", { owners: "owners", members: [people.member] }),
  makeGroup("hidden", { members: ["user:secret@example.com"] }),
];

/** A database with settings (revision 1) and groups (revision 2), and a way to change it. */
export interface TestLog {
  readonly storage: Storage;
  readonly deps: CommandDeps;
  readonly state: () => ReplicaState;
  /** Makes the groups that nobody manages these; the others of them go. Returns the new revision. */
  readonly setGroups: (groups: readonly Group[], more?: ChangeOptions) => Promise<bigint>;
  /** The same for some of them, by name. */
  readonly editGroups: (groups: readonly Group[], more?: ChangeOptions) => Promise<bigint>;
  readonly apply: (text: string, more?: Partial<ApplyInput>) => Promise<bigint>;
  readonly change: (changes: readonly EntityChange[], more?: ChangeOptions) => Promise<bigint>;
  readonly list: (
    asker: Identity,
    more?: Partial<ListChangesInput>,
  ) => ReturnType<typeof listChanges>;
  readonly get: (
    asker: Identity,
    revision: bigint,
    more?: Partial<GetChangeInput>,
  ) => ReturnType<typeof getChange>;
  readonly revert: (
    revision: bigint,
    more?: Partial<RevertInput>,
  ) => ReturnType<typeof revertChange>;
}

interface ChangeOptions {
  readonly author?: Identity;
  readonly reason?: string;
}

const noFilter = { author: "", source: "", group: "", kind: "", key: "" };
const noTimes = { since: undefined, until: undefined };

/** Opens the usual log on an empty database. */
export async function openTestLog(storage: Storage): Promise<TestLog> {
  const log = await attachTestLog(storage);
  await log.apply("settings: { readers_group: auditors }");
  await log.setGroups(usualGroups);
  return log;
}

/** What another process has of a database. */
export async function attachTestLog(storage: Storage): Promise<TestLog> {
  const { deps } = await createTestCommands(storage);
  const state = (): ReplicaState => {
    const found = deps.replica.current();
    if (found === undefined) throw new Error("there is no state");
    return found;
  };

  async function change(
    changes: readonly EntityChange[],
    { author = people.root, reason = "" }: ChangeOptions = {},
  ): Promise<bigint> {
    const request = { author, reason, requestId: "", requestHash: "", validateOnly: false };
    const guards = { ...lockOutGuards, allowLockOut: true };
    const planned = { source: undefined, changes, found: undefined };
    const { revision } = await planChange(
      deps,
      { ...request, guards, effects: "none" },
      () => planned,
    );
    return revision;
  }

  function groupsByHand(): readonly Group[] {
    return configurationsOf(state()).get(unmanaged)?.groups ?? [];
  }

  async function setGroups(groups: readonly Group[], more?: ChangeOptions): Promise<bigint> {
    const before = toEntities({ ...emptyConfiguration, groups: groupsByHand() });
    const after = toEntities({ ...emptyConfiguration, groups });
    return change(diffEntities(before, after), more);
  }

  return {
    storage,
    deps,
    state,
    change,
    setGroups,
    editGroups: (groups, more) => {
      const names = new Set(groups.map(({ name }) => name));
      const others = groupsByHand().filter(({ name }) => !names.has(name));
      return setGroups([...others, ...groups], more);
    },
    apply: async (text, more) => {
      const before = state().revision;
      await applyConfig(deps, people.root, applyInput(text, more));
      const { revision } = state();
      if (revision === before) throw new Error("nothing was applied");
      return revision;
    },
    list: (asker, more) =>
      listChanges(deps, asker, { pageSize: 0, pageToken: "", ...noFilter, ...noTimes, ...more }),
    get: (asker, revision, more) =>
      getChange(deps, asker, { revision, pageSize: 0, pageToken: "", group: "", ...more }),
    revert: (revision, more) =>
      revertChange(deps, people.root, {
        ...{ revision, validateOnly: false, requestId: "", reason: "", guards: lockOutGuards },
        ...more,
      }),
  };
}

/** What a state holds, without revisions. */
export function contentOf(state: ReplicaState): object {
  const sources = [...state.sources.keys(), unmanaged].sort();
  const configurations = configurationsOf(state);
  return sources.map((source) => [
    source,
    configurationOf(state, source) ?? configurations.get(source) ?? emptyConfiguration,
  ]);
}
