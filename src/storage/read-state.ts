import type { ApiKeyBody } from "../domain/entity.ts";
import type { Configuration } from "../domain/model.ts";
import { assembleConfigurations } from "./assemble-configurations.ts";
import { readApiKeys, readPosition, readTables } from "./read-tables.ts";
import { readRecentHashes, type RevisionPoint } from "./revision-point.ts";
import type { Db, Storage } from "./storage.ts";
import { inReadTransaction } from "./transaction.ts";

/** All configurations at one revision. */
export interface StoredConfigurations {
  /**
   * What each source manages; `unmanaged` holds the groups that no source manages. A source that manages
   * nothing any more is there too, `unmanaged` only if there are such groups.
   */
  readonly configurations: ReadonlyMap<string, Configuration>;
  /** The revision of the last change of each source. */
  readonly sources: ReadonlyMap<string, { readonly revision: bigint }>;
}

/** All that storage holds at one revision. */
export interface StoredState extends RevisionPoint, StoredConfigurations {
  /** 32 secret random bytes, for etags and page tokens. */
  readonly tokenKey: Uint8Array;
  /** The hashes of the newest changes by revision: what tells tokens of an abandoned history. */
  readonly recentHashes: ReadonlyMap<bigint, Uint8Array>;
  /** All API keys by id, ended ones too. */
  readonly apiKeys: readonly ApiKeyBody[];
}

/** How many hashes of changes a state holds. */
export const maxRecentHashes = 1000;

/**
 * Reads everything in one read-only transaction. When nothing but API keys has changed since `known`, its
 * configurations are taken over as they are, the same objects. Throws a DomainError.
 */
export async function readState(
  storage: Storage,
  known?: StoredConfigurations & Pick<RevisionPoint, "revision">,
): Promise<StoredState> {
  return inReadTransaction(storage, (tx) => readStateIn(tx, known));
}

/** Reads everything inside a transaction that sees one state throughout. */
export async function readStateIn(
  db: Db,
  known?: StoredConfigurations & Pick<RevisionPoint, "revision">,
): Promise<StoredState> {
  const point = await readPosition(db);
  const { configurations, sources } =
    known !== undefined && !(await configurationChanged(db, known.revision))
      ? known
      : await readConfigurations(db);
  return {
    ...point,
    recentHashes: await readRecentHashes(db, maxRecentHashes),
    configurations,
    sources,
    apiKeys: await readApiKeys(db),
  };
}

async function readConfigurations(db: Db): Promise<StoredConfigurations> {
  const tables = await readTables(db);
  return {
    configurations: assembleConfigurations(tables),
    sources: new Map(tables.sources.map(({ name, revision }) => [name, { revision }])),
  };
}

async function configurationChanged(db: Db, since: bigint): Promise<boolean> {
  const found = await db
    .selectFrom("change_item")
    .select("revision")
    .where("revision", ">", since)
    .where("kind", "<>", "api_key")
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
