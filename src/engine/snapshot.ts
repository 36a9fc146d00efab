import type { ExpandedPolicy } from "../domain/expanded.ts";
import { createAuthDb, type AuthDb } from "./auth-db.ts";
import { compileDelegations, type CompiledDelegation } from "./compiled-delegation.ts";
import { finish, type Steps } from "../domain/steps.ts";
import { createFleetInSteps, type Fleet } from "./fleet.ts";
import { createGroupGraph } from "./group-graph-builder.ts";
import type { GroupGraph } from "./group-graph.ts";
import { knownPermissions, type KnownPermission } from "./known-permissions.ts";
import { createRealmIndex, type RealmIndex } from "./realm-index.ts";
import type { PolicyInput, SnapshotChange, SnapshotInput } from "./snapshot-input.ts";
import { createWarn, type EngineWarning, type Warn } from "./warnings.ts";

export type { PolicyInput, SnapshotChange, SnapshotInput } from "./snapshot-input.ts";
export type { EngineWarning } from "./warnings.ts";

/** Everything that checks are answered from, at one revision. Immutable; but for memberships, what it memoises dies with it. */
export interface Snapshot extends CompiledPolicy {
  readonly revision: bigint;
  /** What the auth database answers from. */
  readonly groups: GroupGraph;
  readonly authDb: AuthDb;
  /** Hears the warnings of this snapshot and of those that are advanced from it. */
  readonly onWarning: OnWarning;
}

/** The policy as checks need it. It names groups by the ids of a lineage of graphs, and goes with any version of it. */
interface CompiledPolicy {
  /** The permissions that are declared. */
  readonly permissions: ReadonlySet<string>;
  /** What checks know of these, and of those that the server level has. */
  readonly known: ReadonlyMap<string, KnownPermission>;
  readonly realms: RealmIndex;
  readonly fleet: Fleet;
  readonly delegations: readonly CompiledDelegation[];
  /** The group whose members read everything through InspectService, besides administrators; empty: none. */
  readonly readersGroup: string;
  /** Reports what checks meet; knows what was reported before. */
  readonly warn: Warn;
}

type OnWarning = (warning: EngineWarning) => void;

const nobodyHears: OnWarning = () => {};
const nobodyIsWarned: Warn = () => {};

/**
 * Creates a snapshot of a valid configuration; it keeps nothing of the input that could change. Each
 * warning comes once a snapshot, at creation or at the first check that meets it. Throws a DomainError
 * INTERNAL_FAULT when two entities claim one name, bot or prefix, or a set of bot ids is malformed.
 */
export function createSnapshot(input: SnapshotInput, onWarning: OnWarning = nobodyHears): Snapshot {
  const warn = createWarn(onWarning);
  const groups = createGroupGraph(input.groups, warn);
  return assemble(input.revision, groups, finish(compilePolicy(input, groups, warn)), onWarning);
}

/** Creates a snapshot of groups that were loaded, and of all that goes with them; else as createSnapshot. */
export function* createSnapshotOn(
  groups: GroupGraph,
  input: PolicyInput,
  onWarning: OnWarning = nobodyHears,
): Steps<Snapshot> {
  const policy = yield* compilePolicy(input, groups, createWarn(onWarning));
  return assemble(input.revision, groups, policy, onWarning);
}

/** The snapshot after some changes, made at one go; see advanceSnapshotInSteps. */
export function advanceSnapshot(snapshot: Snapshot, change: SnapshotChange): Snapshot {
  return finish(advanceSnapshotInSteps(snapshot, change));
}

/** The same for what may never come true; see branchSnapshotInSteps. */
export function branchSnapshot(snapshot: Snapshot, change: SnapshotChange): Snapshot {
  return finish(branchSnapshotInSteps(snapshot, change));
}

/**
 * The snapshot after some changes, which is the newest one from now on: the one before stays as it is, but its groups
 * are read more slowly. Costs what the changes of groups do, and when there is a new policy a compilation of those
 * realms in it that are other objects than before; without one, everything but the groups is taken over, with the warnings that came before. Throws as createSnapshot, and when a change does not fit.
 */
export function* advanceSnapshotInSteps(
  snapshot: Snapshot,
  change: SnapshotChange,
): Steps<Snapshot> {
  const { groupChanges } = change;
  // Groups come first, in one step: the compilation warns of those that are missing then.
  const groups =
    groupChanges.length === 0 ? snapshot.groups : snapshot.groups.advance(groupChanges);
  return yield* follow(snapshot, groups, change);
}

/** The same for what may never come true: the snapshot before stays as fast as it was, and nobody hears a warning. */
export function* branchSnapshotInSteps(
  snapshot: Snapshot,
  change: SnapshotChange,
): Steps<Snapshot> {
  const { groupChanges, policy } = change;
  // A policy numbers the names of the groups that it binds, and these may never come true either.
  const isSame = groupChanges.length === 0 && policy === undefined;
  const groups = isSame ? snapshot.groups : snapshot.groups.branch(groupChanges);
  return yield* follow(
    { ...snapshot, onWarning: nobodyHears, warn: nobodyIsWarned },
    groups,
    change,
  );
}

/** The same snapshot, memory and all, at a later revision that changed nothing in it. */
export function atRevision(snapshot: Snapshot, revision: bigint): Snapshot {
  return { ...snapshot, revision };
}

/** The same snapshot on another version of its groups, which says the same: what was compacted. */
export function onGroups(snapshot: Snapshot, groups: GroupGraph): Snapshot {
  return assemble(snapshot.revision, groups, snapshot, snapshot.onWarning);
}

function* follow(
  before: Snapshot,
  groups: GroupGraph,
  { revision, policy }: SnapshotChange,
): Steps<Snapshot> {
  const compiled =
    policy === undefined
      ? before
      : yield* compilePolicy(policy, groups, createWarn(before.onWarning), before);
  return assemble(revision, groups, compiled, before.onWarning);
}

/** Takes over what is the same in the policy before, which is of the same lineage. */
function* compilePolicy(
  input: ExpandedPolicy,
  groups: GroupGraph,
  warn: Warn,
  before?: CompiledPolicy,
): Steps<CompiledPolicy> {
  const permissions = new Set(input.permissions);
  const realms = yield* createRealmIndex(input.realms, groups, warn, before?.realms);
  return {
    permissions,
    known: knownPermissions(permissions, input.settings, realms.names.permissions, groups),
    realms,
    fleet: yield* createFleetInSteps(input, warn, before?.fleet),
    delegations: compileDelegations(input.settings.delegations, warn),
    readersGroup: input.settings.readersGroup,
    warn,
  };
}

// All snapshots are made here, so that they are of one shape: checks read them.
function assemble(
  revision: bigint,
  groups: GroupGraph,
  { permissions, known, realms, fleet, delegations, readersGroup, warn }: CompiledPolicy,
  onWarning: OnWarning,
): Snapshot {
  return {
    revision,
    groups,
    permissions,
    known,
    realms,
    authDb: createAuthDb({ permissions: known, groups, realms, warn }),
    fleet,
    delegations,
    readersGroup,
    warn,
    onWarning,
  };
}
