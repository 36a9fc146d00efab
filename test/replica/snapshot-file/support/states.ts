import { configurationsOf } from "../../../../src/replica/configurations.ts";
import { createReplicaState, type ReplicaState } from "../../../../src/replica/state.ts";
import type { ApiKeyBody, TakeOverBody } from "../../../../src/domain/entity.ts";
import type { Configuration } from "../../../../src/domain/model.ts";
import { unmanaged } from "../../../../src/domain/names.ts";
import { policyOf } from "../../../../src/domain/policy.ts";
import { createGroupGraphBuilder } from "../../../../src/engine/group-graph-builder.ts";

/** What a state is made of besides configurations. */
export interface StateExtras {
  readonly revision: bigint;
  readonly apiKeys: readonly ApiKeyBody[];
  readonly takeOvers: readonly TakeOverBody[];
  readonly acceptedRestores: readonly string[];
  /** Of each group by its place. */
  readonly revisionOf: (place: number) => bigint;
}

/** The release of the tests. */
export const release = "1.2.3";

const plain: StateExtras = {
  revision: 7n,
  apiKeys: [],
  takeOvers: [],
  acceptedRestores: [],
  revisionOf: (place) => BigInt(place % 7) + 1n,
};

/** The 32 bytes of a number. */
export function bytes32(seed: bigint): Uint8Array {
  return new Uint8Array(32).map((_, index) => Number((seed * 31n + BigInt(index)) % 256n));
}

/** A state of valid configurations by source; "" is what nobody manages. */
export function stateOf(
  configurations: ReadonlyMap<string, Configuration>,
  extras: Partial<StateExtras> = {},
): ReplicaState {
  const { revision, apiKeys, takeOvers, acceptedRestores, revisionOf } = { ...plain, ...extras };
  const builder = createGroupGraphBuilder();
  let place = 0;
  for (const [managedBy, { groups }] of configurations) {
    for (const { name, description, owners, members, globs, nested } of groups) {
      builder.addGroup({ name, description, owners, managedBy, revision: revisionOf(place) });
      place += 1;
      for (const member of members) builder.addMember(name, member);
      for (const glob of globs) builder.addGlob(name, glob);
      for (const other of nested) builder.addNested(name, other);
    }
  }
  const sources = [...configurations].filter(([source]) => source !== unmanaged);
  const hashes = new Map<bigint, Uint8Array>();
  for (let at = revision; at > 0n && at > revision - 1000n; at -= 1n) hashes.set(at, bytes32(at));
  return createReplicaState(
    {
      databaseId: "01234567-89ab-4def-8123-456789abcdef",
      revision,
      chainHash: revision === 0n ? new Uint8Array(32) : bytes32(revision),
      tokenKey: bytes32(99n),
      recentHashes: hashes,
      policies: new Map(sources.map(([source, each]) => [source, policyOf(each)])),
      sources: new Map(sources.map(([source], index) => [source, { revision: BigInt(index) }])),
      apiKeys,
      takeOvers,
      acceptedRestores: new Set(acceptedRestores),
    },
    builder.build(),
  );
}

/** All that a state holds, as plain values in an order of their own. */
export function describeState(state: ReplicaState): unknown {
  const { databaseId, revision, revisionToken, chainHash, tokenKey, expanded } = state;
  const groups = [...state.snapshot.groups.entries()].map(({ id: _id, members, ...entry }) => ({
    ...entry,
    members: sorted(members.entries()),
  }));
  return {
    ...{ databaseId, revision, revisionToken, chainHash, tokenKey, expanded },
    snapshotRevision: state.snapshot.revision,
    configurations: configurationsOf(state),
    groups: groups.sort((left, right) => (left.name < right.name ? -1 : 1)),
    recentHashes: sorted(state.recentHashes.entries()),
    policies: state.policies,
    sources: state.sources,
    apiKeys: sorted(state.apiKeys.entries()),
    takeOvers: sorted(state.takeOvers.entries()),
    acceptedRestores: state.acceptedRestores,
  };
}

function sorted<K extends string | bigint, V>(
  entries: Iterable<readonly [K, V]>,
): readonly (readonly [K, V])[] {
  return [...entries].sort(([left], [right]) => (left < right ? -1 : 1));
}
