import type { ApiKeyBody } from "../domain/entity.ts";
import type { Configuration } from "../domain/model.ts";
import type { EngineWarning } from "../engine/snapshot.ts";
import { createSnapshot, type Snapshot } from "../engine/snapshot.ts";
import { expandConfigurations } from "../config/expand.ts";
import type { StoredState } from "../storage/read-state.ts";
import { formatRevisionToken } from "./revision-token.ts";

/** Everything that a replica knows at one revision. Immutable; a request uses one for its whole life. */
export interface ReplicaState {
  /** What checks are answered from. */
  readonly snapshot: Snapshot;
  /** The revision token of this state. */
  readonly token: string;
  readonly revision: bigint;
  /** The hash of the newest change; 32 zero bytes at revision 0. */
  readonly chainHash: Uint8Array;
  readonly databaseId: string;
  /** The key of etags and page tokens, 32 bytes. */
  readonly tokenKey: Uint8Array;
  /** What each source manages; "" holds the groups that nobody manages. */
  readonly configurations: ReadonlyMap<string, Configuration>;
  /** The last change of each source. */
  readonly sources: StoredState["sources"];
  /** All API keys by id, ended ones included. */
  readonly apiKeys: ReadonlyMap<string, ApiKeyBody>;
}

/** Builds the state of a replica from what storage holds at one revision. */
export function createReplicaState(
  stored: StoredState,
  onWarning?: (warning: EngineWarning) => void,
): ReplicaState {
  const expanded = expandConfigurations(stored.configurations.values());
  return {
    snapshot: createSnapshot({ revision: stored.revision, ...expanded }, onWarning),
    token: formatRevisionToken(stored),
    revision: stored.revision,
    chainHash: stored.chainHash,
    databaseId: stored.databaseId,
    tokenKey: stored.tokenKey,
    configurations: stored.configurations,
    sources: stored.sources,
    apiKeys: new Map(stored.apiKeys.map((key) => [key.id, key])),
  };
}
