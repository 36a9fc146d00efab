import type { ApiKeyBody } from "../domain/entity.ts";
import type { ExpandedConfiguration } from "../domain/expanded.ts";
import type { Configuration } from "../domain/model.ts";
import type { EngineWarning } from "../engine/snapshot.ts";
import { atRevision, createSnapshot, type Snapshot } from "../engine/snapshot.ts";
import { expandConfigurations } from "../config/expand.ts";
import type { StoredState } from "../storage/read-state.ts";
import { formatRevisionToken } from "./revision-token.ts";

/** Everything that a replica knows at one revision. Immutable; a request uses one for its whole life. */
export interface ReplicaState {
  /** What checks are answered from. */
  readonly snapshot: Snapshot;
  readonly revisionToken: string;
  readonly revision: bigint;
  /** The hash of the newest change; 32 zero bytes at revision 0. */
  readonly chainHash: Uint8Array;
  readonly databaseId: string;
  /** The key of etags and page tokens, 32 bytes. */
  readonly tokenKey: Uint8Array;
  /** The hashes of the newest changes by revision. */
  readonly recentHashes: ReadonlyMap<bigint, Uint8Array>;
  /** What each source manages; `unmanaged` holds the groups that no source manages. */
  readonly configurations: ReadonlyMap<string, Configuration>;
  /** All of them together, expanded: what the snapshot was made of. Most of it is theirs, not a copy. */
  readonly expanded: ExpandedConfiguration;
  /** The last change of each source. */
  readonly sources: StoredState["sources"];
  /** All API keys by id, ended ones included. */
  readonly apiKeys: ReadonlyMap<string, ApiKeyBody>;
}

/**
 * Builds the state of a replica from what storage holds at one revision. The snapshot of the state before,
 * what it was made of and all that is memoised for it, goes on when the configurations are the same objects: then nothing that
 * checks depend on has changed.
 */
export function createReplicaState(
  stored: StoredState,
  before: ReplicaState | undefined,
  onWarning?: (warning: EngineWarning) => void,
): ReplicaState {
  return {
    ...snapshotAndOrigin(stored, before, onWarning),
    revisionToken: formatRevisionToken(stored),
    revision: stored.revision,
    chainHash: stored.chainHash,
    databaseId: stored.databaseId,
    tokenKey: stored.tokenKey,
    recentHashes: stored.recentHashes,
    configurations: stored.configurations,
    sources: stored.sources,
    apiKeys: new Map(stored.apiKeys.map((key) => [key.id, key])),
  };
}

function snapshotAndOrigin(
  { revision, configurations }: StoredState,
  before: ReplicaState | undefined,
  onWarning?: (warning: EngineWarning) => void,
): Pick<ReplicaState, "snapshot" | "expanded"> {
  if (before !== undefined && before.configurations === configurations) {
    return { snapshot: atRevision(before.snapshot, revision), expanded: before.expanded };
  }
  const expanded = expandConfigurations(configurations.values());
  return { snapshot: createSnapshot({ revision, ...expanded }, onWarning), expanded };
}
