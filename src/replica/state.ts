import { expandPoliciesInSteps } from "../config/expand.ts";
import type { ApiKeyBody, TakeOverBody } from "../domain/entity.ts";
import type { ExpandedPolicy } from "../domain/expanded.ts";
import type { Policy } from "../domain/policy.ts";
import { finish, type Steps } from "../domain/steps.ts";
import type { GroupGraph } from "../engine/group-graph.ts";
import { createSnapshotOn, type EngineWarning, type Snapshot } from "../engine/snapshot.ts";
import { createVersionedMap, type VersionedMap } from "../engine/versioned-map.ts";
import type { LoadedState } from "../storage/load-state.ts";
import { formatRevisionToken } from "./revision-token.ts";

/** Everything that a replica knows at one revision. Immutable; a request uses one for its whole life. */
export interface ReplicaState {
  /** What checks are answered from. All groups are in it. */
  readonly snapshot: Snapshot;
  readonly revisionToken: string;
  readonly revision: bigint;
  /** The hash of the newest change; 32 zero bytes at revision 0. */
  readonly chainHash: Uint8Array;
  readonly databaseId: string;
  /** The key of etags and page tokens, 32 bytes. */
  readonly tokenKey: Uint8Array;
  /** The hashes of the newest changes by revision. */
  readonly recentHashes: VersionedMap<bigint, Uint8Array>;
  /** What each source manages apart from groups; a source that manages nothing any more is there too. */
  readonly policies: ReadonlyMap<string, Policy>;
  /** All of them together, expanded: what the snapshot was made of beside the groups. */
  readonly expanded: ExpandedPolicy;
  /** The last change of each source. */
  readonly sources: ReadonlyMap<string, { readonly revision: bigint }>;
  /** All API keys by id, ended ones included. */
  readonly apiKeys: VersionedMap<string, ApiKeyBody>;
  /** The take-overs of groups, by the group; expired ones too, until the source is applied next. */
  readonly takeOvers: ReadonlyMap<string, TakeOverBody>;
  /** The restores of the database that operators accepted, by id. */
  readonly acceptedRestores: ReadonlySet<string>;
}

/** Makes the first state of a replica from what was loaded, groups as a graph. */
export function createReplicaState(
  loaded: LoadedState,
  groups: GroupGraph,
  onWarning?: (warning: EngineWarning) => void,
): ReplicaState {
  return finish(createReplicaStateInSteps(loaded, groups, onWarning));
}

/** The same in steps. */
export function* createReplicaStateInSteps(
  loaded: LoadedState,
  groups: GroupGraph,
  onWarning?: (warning: EngineWarning) => void,
): Steps<ReplicaState> {
  const { databaseId, revision, chainHash, tokenKey, policies, sources, acceptedRestores } = loaded;
  const expanded = yield* expandPoliciesInSteps(policies.values());
  return {
    snapshot: yield* createSnapshotOn(groups, { revision, ...expanded }, onWarning),
    revisionToken: formatRevisionToken(loaded),
    databaseId,
    revision,
    chainHash,
    tokenKey,
    recentHashes: createVersionedMap(new Map(loaded.recentHashes)),
    policies,
    expanded,
    sources,
    apiKeys: createVersionedMap(new Map(loaded.apiKeys.map((key) => [key.id, key]))),
    takeOvers: new Map(loaded.takeOvers.map((takeOver) => [takeOver.group, takeOver])),
    acceptedRestores,
  };
}
