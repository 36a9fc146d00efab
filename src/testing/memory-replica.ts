import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { ApiKeyBody } from "../domain/entity.ts";
import type { Configuration } from "../domain/model.ts";
import { defaultSource } from "../domain/names.ts";
import { atRevision } from "../engine/snapshot.ts";
import { createVersionedMap } from "../engine/versioned-map.ts";
import type { Replica } from "../replica/replica.ts";
import { createOrigin, type Origin } from "../replica/origin.ts";
import { formatRevisionToken } from "../replica/revision-token.ts";
import type { ReplicaState } from "../replica/state.ts";

/** A replica of nothing: its state is what it is told, and every change of it is a revision. */
export interface MemoryReplica extends Replica {
  /** Puts a configuration in the place of the one before. */
  readonly configure: (configuration: Configuration) => void;
  readonly addKey: (key: ApiKeyBody) => void;
  /** Whether there is a snapshot that checks may use. */
  readonly setUsable: (usable: boolean) => void;
  /** The state, usable or not. */
  readonly state: () => ReplicaState;
}

/** Creates a replica at revision 1, which holds the configuration and no key. */
export function createMemoryReplica(configuration: Configuration): MemoryReplica {
  const databaseId = randomUUID();
  const tokenKey = randomBytes(32);
  const recentHashes = new Map<bigint, Uint8Array>();
  let usable = true;
  let apiKeys: readonly ApiKeyBody[] = [];
  let configurations = configurationsOf(configuration);
  let origin: Origin | undefined;
  let state = next(undefined);

  // The hash stands for the change: tokens of another Fleetgate are foreign here as they are anywhere.
  function next(before: ReplicaState | undefined): ReplicaState {
    const revision = (before?.revision ?? 0n) + 1n;
    const chainHash = createHash("sha256").update(`${databaseId} ${revision}`).digest();
    recentHashes.set(revision, chainHash);
    origin ??= createOrigin(revision, configurations);
    return {
      ...origin,
      snapshot: atRevision(origin.snapshot, revision),
      revisionToken: formatRevisionToken({ databaseId, revision, chainHash }),
      databaseId,
      revision,
      chainHash,
      tokenKey,
      recentHashes: createVersionedMap(new Map(recentHashes)),
      sources: new Map([[defaultSource, { revision }]]),
      apiKeys: createVersionedMap(new Map(apiKeys.map((key) => [key.id, key]))),
      takeOvers: new Map(),
      acceptedRestores: new Set(),
    };
  }

  return {
    configure: (changed) => {
      configurations = configurationsOf(changed);
      origin = undefined;
      state = next(state);
    },
    addKey: (key) => {
      apiKeys = [...apiKeys, key];
      state = next(state);
    },
    setUsable: (now) => {
      usable = now;
    },
    state: () => state,
    current: () => (usable ? state : undefined),
    ageMs: () => 0,
    // What is watched here is credentials, of which a Fleetgate in memory has none.
    watch: () => () => undefined,
    // Nothing is ever newer than what is here, so nobody waits.
    refresh: () =>
      usable ? Promise.resolve() : Promise.reject(new Error("there is no usable snapshot")),
    nudge: () => undefined,
    waitFor: (revision) =>
      Promise.resolve(usable && state.revision >= revision ? state : undefined),
    start: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function configurationsOf(configuration: Configuration): ReadonlyMap<string, Configuration> {
  return new Map([[defaultSource, configuration]]);
}
