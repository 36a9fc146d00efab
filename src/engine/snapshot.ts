import { createAuthDb, type AuthDb } from "./auth-db.ts";
import { compileDelegations, type CompiledDelegation } from "./compiled-delegation.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { createGroupGraph, type GroupGraph } from "./group-graph.ts";
import { createRealmIndex, type RealmIndex } from "./realm-index.ts";
import type { SnapshotInput } from "./snapshot-input.ts";
import { createWarn, type EngineWarning } from "./warnings.ts";

export type { SnapshotInput } from "./snapshot-input.ts";
export type { EngineWarning } from "./warnings.ts";

/** Everything that checks are answered from, at one revision. Immutable; what it memoises dies with it. */
export interface Snapshot {
  readonly revision: bigint;
  /** What the auth database answers from. */
  readonly groups: GroupGraph;
  readonly realms: RealmIndex;
  readonly authDb: AuthDb;
  readonly fleet: Fleet;
  readonly delegations: readonly CompiledDelegation[];
  /** The group whose members read everything through InspectService, besides administrators; empty: none. */
  readonly readersGroup: string;
}

/**
 * Creates a snapshot of a valid configuration; it keeps nothing of the input that could change. Each
 * warning comes once a snapshot, at creation or at the first check that meets it. Throws a DomainError
 * INTERNAL_FAULT when two entities claim one name, bot or prefix, or a set of bot ids is malformed.
 */
export function createSnapshot(
  input: SnapshotInput,
  onWarning: (warning: EngineWarning) => void = () => {},
): Snapshot {
  const warn = createWarn(onWarning);
  const groups = createGroupGraph(input.groups, warn);
  const realms = createRealmIndex(input.realms, groups, warn);
  return {
    revision: input.revision,
    groups,
    realms,
    authDb: createAuthDb(input.permissions, groups, realms, warn),
    fleet: createFleet(input, warn),
    delegations: compileDelegations(input.settings.delegations, warn),
    readersGroup: input.settings.readersGroup,
  };
}

/** The same snapshot, memory and all, at a later revision that changed nothing in it. */
export function atRevision(snapshot: Snapshot, revision: bigint): Snapshot {
  return { ...snapshot, revision };
}
