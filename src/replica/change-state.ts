import { expandPoliciesInSteps } from "../config/expand.ts";
import {
  changePoliciesInSteps,
  isPolicyChange,
  type PolicyChange,
} from "../config/change-policies.ts";
import type { ApiKeyBody, EntityChange, TakeOverBody } from "../domain/entity.ts";
import { unmanaged } from "../domain/names.ts";
import { emptyPolicy } from "../domain/policy.ts";
import { finish, type Steps } from "../domain/steps.ts";
import { isGroupChange, type GroupChange } from "../engine/group-graph.ts";
import {
  advanceSnapshotInSteps,
  atRevision,
  branchSnapshotInSteps,
  type Snapshot,
} from "../engine/snapshot.ts";
import { maxRecentHashes } from "../storage/revision-point.ts";
import { formatRevisionToken } from "./revision-token.ts";
import type { ReplicaState } from "./state.ts";

/** A change of the log as a state takes it. */
export interface StateChange {
  readonly revision: bigint;
  /** The hash of the change. */
  readonly hash: Uint8Array;
  /** The source whose configuration was applied, if any. */
  readonly source: string | undefined;
  readonly items: readonly EntityChange[];
}

/**
 * The state after some changes that follow it without a hole, oldest first. It takes over the memory of the state
 * before, which can still be read, but slower: for the one who follows the database. Costs what the changes
 * do, and when a policy is among them an expansion of the projects that it touches. Throws when a change does not fit.
 */
export function advanceState(state: ReplicaState, changes: readonly StateChange[]): ReplicaState {
  return finish(advanceStateInSteps(state, changes));
}

/** The same in steps, between which the state before is what it was. No other advance may begin before it is done. */
export function advanceStateInSteps(
  state: ReplicaState,
  changes: readonly StateChange[],
): Steps<ReplicaState> {
  return changeState(state, changes, "advance");
}

/** The same beside the state before, which stays as fast as it was: for what may never come true. */
export function branchState(state: ReplicaState, changes: readonly StateChange[]): ReplicaState {
  return finish(branchStateInSteps(state, changes));
}

/** The same in steps; meanwhile the state before may be advanced. */
export function branchStateInSteps(
  state: ReplicaState,
  changes: readonly StateChange[],
): Steps<ReplicaState> {
  return changeState(state, changes, "branch");
}

function* changeState(
  state: ReplicaState,
  changes: readonly StateChange[],
  how: "advance" | "branch",
): Steps<ReplicaState> {
  const last = changes.at(-1);
  if (last === undefined) return state;
  const { groupChanges, policyChanges, apiKeys, takeOvers, restores } = sortItems(changes);
  const policies = yield* changePoliciesInSteps(state.policies, policyChanges);
  const expanded =
    policyChanges.length === 0
      ? undefined
      : yield* expandPoliciesInSteps(policies.values(), state.expanded);
  const { revision, hash: chainHash } = last;
  const change = how === "advance" ? advanceSnapshotInSteps : branchSnapshotInSteps;
  const snapshot =
    groupChanges.length === 0 && expanded === undefined
      ? atRevision(state.snapshot, revision)
      : yield* change(state.snapshot, {
          revision,
          groupChanges,
          ...(expanded && { policy: expanded }),
        });
  const sources = changeSources(state, changes);
  return {
    ...state,
    snapshot,
    revision,
    chainHash,
    revisionToken: formatRevisionToken({ databaseId: state.databaseId, revision, chainHash }),
    recentHashes: state.recentHashes[how](newHashes(changes)),
    policies: withSources(policies, sources),
    expanded: expanded ?? state.expanded,
    sources,
    apiKeys: apiKeys.length === 0 ? state.apiKeys : state.apiKeys[how](apiKeys),
    takeOvers: changeTakeOvers(state.takeOvers, takeOvers),
    acceptedRestores:
      restores.length === 0
        ? state.acceptedRestores
        : new Set([...state.acceptedRestores, ...restores]),
  };
}

function sortItems(changes: readonly StateChange[]): {
  readonly groupChanges: readonly GroupChange[];
  readonly policyChanges: readonly PolicyChange[];
  readonly apiKeys: readonly (readonly [string, ApiKeyBody | undefined])[];
  readonly takeOvers: readonly (readonly [string, TakeOverBody | undefined])[];
  readonly restores: readonly string[];
} {
  const groupChanges: GroupChange[] = [];
  const policyChanges: PolicyChange[] = [];
  const apiKeys: (readonly [string, ApiKeyBody | undefined])[] = [];
  const takeOvers: (readonly [string, TakeOverBody | undefined])[] = [];
  const restores: string[] = [];
  for (const { revision, source, items } of changes) {
    const managedBy = source ?? unmanaged;
    for (const change of items) {
      // A take-over goes with its group, also when a release that knows none of it deletes the group.
      if (change.kind === "group" && change.after === undefined) {
        takeOvers.push([change.key, undefined]);
      }
      if (isGroupChange(change)) groupChanges.push({ change, revision, managedBy });
      else if (isPolicyChange(change)) policyChanges.push({ change, source: managedBy });
      else if (change.kind === "api_key") apiKeys.push([change.key, change.after]);
      else if (change.kind === "group_take_over") takeOvers.push([change.key, change.after]);
      else if (change.after !== undefined) restores.push(change.after.id);
    }
  }
  return { groupChanges, policyChanges, apiKeys, takeOvers, restores };
}

function changeTakeOvers(
  takeOvers: ReplicaState["takeOvers"],
  changes: readonly (readonly [string, TakeOverBody | undefined])[],
): ReplicaState["takeOvers"] {
  if (changes.every(([group, after]) => after === undefined && !takeOvers.has(group))) {
    return takeOvers;
  }
  const changed = new Map(takeOvers);
  for (const [group, after] of changes) {
    if (after === undefined) changed.delete(group);
    else changed.set(group, after);
  }
  return changed;
}

/** A source has changed when it was applied, or when one of its groups was edited otherwise. */
function changeSources(
  { sources, snapshot }: ReplicaState,
  changes: readonly StateChange[],
): ReplicaState["sources"] {
  const changed = new Map<string, { readonly revision: bigint }>();
  // Groups that these changes make are not in the snapshot yet.
  const made = new Map<string, string>();
  for (const { revision, source, items } of changes) {
    if (source === undefined) {
      const names = managersOf(items, (group) => made.get(group) ?? managerIn(snapshot, group));
      for (const name of names) changed.set(name, { revision });
    } else changed.set(source, { revision });
    for (const { kind, key, before } of items) {
      if (kind === "group" && before === undefined) made.set(key, source ?? unmanaged);
    }
  }
  return changed.size === 0 ? sources : new Map([...sources, ...changed]);
}

function managerIn({ groups }: Snapshot, group: string): string | undefined {
  return groups.entry(group)?.managedBy;
}

function managersOf(
  items: readonly EntityChange[],
  managerOf: (group: string) => string | undefined,
): ReadonlySet<string> {
  const managers = new Set<string>();
  for (const item of items) {
    if (!isGroupChange(item)) continue;
    const body = item.after ?? item.before;
    if (body === undefined) continue;
    const manager = managerOf("group" in body ? body.group : body.name);
    if (manager !== undefined && manager !== unmanaged) managers.add(manager);
  }
  return managers;
}

function newHashes(
  changes: readonly StateChange[],
): readonly (readonly [bigint, Uint8Array | undefined])[] {
  const newest = changes.slice(-maxRecentHashes);
  return newest.flatMap(({ revision, hash }) => [
    [revision, hash] as const,
    [revision - BigInt(maxRecentHashes), undefined] as const,
  ]);
}

function withSources(
  policies: ReplicaState["policies"],
  sources: ReplicaState["sources"],
): ReplicaState["policies"] {
  const missing = [...sources.keys()].filter((source) => !policies.has(source));
  if (missing.length === 0) return policies;
  return new Map([...policies, ...missing.map((source) => [source, emptyPolicy] as const)]);
}
