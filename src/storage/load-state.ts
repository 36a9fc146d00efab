import { sql, type RawBuilder } from "kysely";
import type { ApiKeyBody, TakeOverBody } from "../domain/entity.ts";
import { unmanaged } from "../domain/names.ts";
import type { Policy } from "../domain/policy.ts";
import { assemblePolicies } from "./assemble-policies.ts";
import { readApiKeys, readPolicyTables, readPosition } from "./read-tables.ts";
import { readAcceptedRestores } from "./accepted-restores.ts";
import { readTakeOvers } from "./take-overs.ts";
import { maxRecentHashes, readRecentHashes, type RevisionPoint } from "./revision-point.ts";
import type { Db } from "./storage.ts";

/** Takes groups as they are loaded: every group before its members, globs and nested groups. */
export interface GroupSink {
  readonly addGroup: (group: {
    readonly name: string;
    readonly description: string;
    readonly owners: string;
    /** The source that manages it; `unmanaged`: none. */
    readonly managedBy: string;
    /** The revision that last changed it. */
    readonly revision: bigint;
  }) => void;
  readonly addMember: (group: string, member: string) => void;
  readonly addGlob: (group: string, glob: string) => void;
  readonly addNested: (group: string, nested: string) => void;
}

/** How far a load has come. */
export interface LoadProgress {
  readonly groups: number;
  readonly memberships: number;
}

/** All that storage holds at one revision, apart from groups. */
export interface LoadedState extends RevisionPoint {
  /** 32 secret random bytes, for etags and page tokens. */
  readonly tokenKey: Uint8Array;
  /** The hashes of the newest changes by revision: what tells tokens of an abandoned history. */
  readonly recentHashes: ReadonlyMap<bigint, Uint8Array>;
  /** What each source manages; one that manages nothing any more is there too. */
  readonly policies: ReadonlyMap<string, Policy>;
  /** The revision of the last change of each source. */
  readonly sources: ReadonlyMap<string, { readonly revision: bigint }>;
  /** All API keys by id, ended ones too. */
  readonly apiKeys: readonly ApiKeyBody[];
  /** All take-overs of groups, expired ones too. */
  readonly takeOvers: readonly TakeOverBody[];
  /** The ids of all restores that operators accepted. */
  readonly acceptedRestores: ReadonlySet<string>;
}

// A batch is parsed at one go, and no check is answered meanwhile.
const batchRows = 2500;

/**
 * Reads everything in a transaction that sees one state throughout. Groups go into the sink in batches, between
 * which others have their turn: they may be millions.
 */
export async function loadStateIn(
  db: Db,
  sink: GroupSink,
  onProgress: (progress: LoadProgress) => void = () => {},
): Promise<LoadedState> {
  const point = await readPosition(db);
  let groups = 0;
  let memberships = 0;
  const report = (): void => onProgress({ groups, memberships });
  await scan(db, groupRows, (rows) => {
    for (const row of rows) {
      const { name, description, owners, managed_by, revision } = row;
      sink.addGroup({ name, description, owners, managedBy: managed_by ?? unmanaged, revision });
    }
    groups += rows.length;
    report();
  });
  await scan(db, memberRows, (rows) => {
    for (const { group_name, member } of rows) sink.addMember(group_name, member);
    memberships += rows.length;
    report();
  });
  await scan(db, globRows, (rows) => {
    for (const { group_name, glob } of rows) sink.addGlob(group_name, glob);
  });
  await scan(db, nestedRows, (rows) => {
    for (const { group_name, nested } of rows) sink.addNested(group_name, nested);
  });
  const tables = await readPolicyTables(db);
  return {
    ...point,
    recentHashes: await readRecentHashes(db, maxRecentHashes),
    policies: assemblePolicies(tables),
    sources: new Map(tables.sources.map(({ name, revision }) => [name, { revision }])),
    apiKeys: await readApiKeys(db),
    takeOvers: await readTakeOvers(db),
    acceptedRestores: await readAcceptedRestores(db),
  };
}

interface GroupRow {
  readonly name: string;
  readonly description: string;
  readonly owners: string;
  readonly managed_by: string | null;
  readonly revision: bigint;
}

const groupRows = sql<GroupRow>`select name, description, owners, managed_by, revision from "group" order by name`;
const memberRows = sql<{
  readonly group_name: string;
  readonly member: string;
}>`select group_name, member from group_member order by group_name, identity`;
const globRows = sql<{
  readonly group_name: string;
  readonly glob: string;
}>`select group_name, glob from group_glob order by group_name, glob`;
const nestedRows = sql<{
  readonly group_name: string;
  readonly nested: string;
}>`select group_name, nested from group_nested order by group_name, nested`;

async function scan<Row>(
  db: Db,
  query: RawBuilder<Row>,
  take: (rows: readonly Row[]) => void,
): Promise<void> {
  await sql`declare fleetgate_load no scroll cursor for ${query}`.execute(db);
  for (;;) {
    const { rows } =
      await sql<Row>`fetch ${sql.raw(batchRows.toString())} from fleetgate_load`.execute(db);
    if (rows.length > 0) take(rows);
    if (rows.length < batchRows) break;
  }
  await sql`close fleetgate_load`.execute(db);
}
