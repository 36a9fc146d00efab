import type { ApiKeyBody } from "../../src/domain/entity.ts";
import type { Configuration } from "../../src/domain/model.ts";
import { configurationsOf } from "../../src/replica/configurations.ts";
import { loadIn } from "../../src/replica/load.ts";
import type { Db, Storage } from "../../src/storage/database.ts";
import { inReadTransaction } from "../../src/storage/transaction.ts";

/** All that storage holds at one revision, as plain values. */
export interface StoredState {
  readonly databaseId: string;
  readonly revision: bigint;
  readonly chainHash: Uint8Array;
  readonly tokenKey: Uint8Array;
  readonly configurations: ReadonlyMap<string, Configuration>;
  readonly sources: ReadonlyMap<string, { readonly revision: bigint }>;
  /** By id. */
  readonly apiKeys: readonly ApiKeyBody[];
}

/** Reads all that storage holds. */
export async function readState(storage: Storage): Promise<StoredState> {
  return inReadTransaction(storage, readStateIn);
}

/** The same inside a transaction. */
export async function readStateIn(db: Db): Promise<StoredState> {
  const state = await loadIn(db);
  const { databaseId, revision, chainHash, tokenKey, sources } = state;
  return {
    databaseId,
    revision,
    chainHash,
    tokenKey,
    sources,
    configurations: configurationsOf(state),
    apiKeys: [...state.apiKeys.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}
