import type { ApiKeyBody } from "../domain/entity.ts";
import type { Configuration } from "../domain/model.ts";
import { assembleConfigurations } from "./assemble-configurations.ts";
import { readApiKeys, readPosition, readTables } from "./read-tables.ts";
import type { Db, Storage } from "./storage.ts";
import { inReadTransaction } from "./transaction.ts";

/** All that storage holds at one revision. */
export interface StoredState {
  /** The UUID of the database: made once, kept by backups. */
  readonly databaseId: string;
  readonly revision: bigint;
  /** The hash of the newest change; 32 zero bytes at revision 0. */
  readonly chainHash: Uint8Array;
  /** 32 secret random bytes, for etags and page tokens. */
  readonly tokenKey: Uint8Array;
  /**
   * What each source manages; "" holds the groups that no source manages. A source that manages nothing
   * any more is there too, "" only if there are such groups.
   */
  readonly configurations: ReadonlyMap<string, Configuration>;
  /** The revision of the last change of each source. */
  readonly sources: ReadonlyMap<string, { readonly revision: bigint }>;
  /** All API keys by id, ended ones too. */
  readonly apiKeys: readonly ApiKeyBody[];
}

/** Reads everything in one read-only transaction. Throws a DomainError. */
export async function readState(storage: Storage): Promise<StoredState> {
  return inReadTransaction(storage, readStateIn);
}

/** Reads everything inside a transaction that sees one state throughout. */
export async function readStateIn(db: Db): Promise<StoredState> {
  const position = await readPosition(db);
  const tables = await readTables(db);
  return {
    ...position,
    configurations: assembleConfigurations(tables),
    sources: new Map(tables.sources.map(({ name, revision }) => [name, { revision }])),
    apiKeys: await readApiKeys(db),
  };
}
