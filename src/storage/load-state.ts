import { sql, type RawBuilder } from "kysely";
import type { ApiKeyBody, TakeOverBody } from "../domain/entity.ts";
import { unmanaged } from "../domain/names.ts";
import type { Policy } from "../domain/policy.ts";
import { forEachInSteps, type Steps } from "../domain/steps.ts";
import { assemblePolicies } from "./assemble-policies.ts";
import { membersOfRow, takeMembers, type MembersRow } from "./member-rows.ts";
import { readApiKeys, readPolicyTables } from "./read-tables.ts";
import { readAcceptedRestores } from "./accepted-restores.ts";
import { readTakeOvers } from "./take-overs.ts";
import {
  maxRecentHashes,
  readPosition,
  readRecentHashes,
  type RevisionPoint,
} from "./revision-point.ts";
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
  /** Some members of a group, in no order. */
  readonly addMembers: (group: string, members: readonly string[]) => void;
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

/** Who takes part in a load. */
export interface LoadSupport {
  /** Drives what is done with what was read, so that others have their turn. */
  readonly run: <T>(work: Steps<T>) => Promise<T>;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/**
 * Reads everything in a transaction that sees one state throughout. Groups go into the sink in steps: they may be
 * millions. The next rows are on their way meanwhile.
 */
export async function loadStateIn(
  db: Db,
  sink: GroupSink,
  { run, onProgress = () => {} }: LoadSupport,
): Promise<LoadedState> {
  const point = await readPosition(db);
  await prepareLoad(db);
  let groups = 0;
  let memberships = 0;
  const report = (): void => onProgress({ groups, memberships });
  await scan(db, groupRows, 2_500, (rows) => {
    groups += rows.length;
    report();
    return run(
      forEachInSteps(rows, ({ name, description, owners, managed_by, revision }) => {
        sink.addGroup({ name, description, owners, managedBy: managed_by ?? unmanaged, revision });
      }),
    );
  });
  await scan(db, memberRows, 500, async (rows) => {
    await run(
      takeMembers(rows, (group, members) => {
        sink.addMembers(group, members);
        memberships += members.length;
      }),
    );
    report();
  });
  await scan(db, globRows, 2_500, (rows) =>
    run(forEachInSteps(rows, ({ group_name, glob }) => sink.addGlob(group_name, glob))),
  );
  await scan(db, nestedRows, 2_500, (rows) =>
    run(forEachInSteps(rows, ({ group_name, nested }) => sink.addNested(group_name, nested))),
  );
  const tables = await readPolicyTables(db);
  return {
    ...point,
    recentHashes: await readRecentHashes(db, maxRecentHashes),
    policies: await run(assemblePolicies(tables)),
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
// One row a group costs this process a tenth of what a row a member does.
const memberRows = sql<MembersRow>`select group_name, ${membersOfRow} as members from group_member group by group_name`;
const globRows = sql<{
  readonly group_name: string;
  readonly glob: string;
}>`select group_name, glob from group_glob order by group_name, glob`;
const nestedRows = sql<{
  readonly group_name: string;
  readonly nested: string;
}>`select group_name, nested from group_nested order by group_name, nested`;

/**
 * Lets the transaction use so much memory for grouping that a million memberships are grouped in it, and keeps it
 * from compiling queries that are over before. A database that lacks these settings goes without.
 */
async function prepareLoad(db: Db): Promise<void> {
  await sql`
    select set_config(name, case name when 'jit' then 'off' else ${groupingMemoryKb}::text end, true)
    from pg_settings
    where case name when 'jit' then true when 'work_mem' then setting::bigint < ${groupingMemoryKb}::bigint end
  `.execute(db);
}

const groupingMemoryKb = 65_536;

async function scan<Row>(
  db: Db,
  query: RawBuilder<Row>,
  batchRows: number,
  take: (rows: readonly Row[]) => Promise<void>,
): Promise<void> {
  await sql`declare fleetgate_load no scroll cursor for ${query}`.execute(db);
  const fetch = async (): Promise<readonly Row[]> => {
    const { rows } =
      await sql<Row>`fetch ${sql.raw(batchRows.toString())} from fleetgate_load`.execute(db);
    return rows;
  };
  let next: Promise<readonly Row[]> | undefined = fetch();
  while (next !== undefined) {
    const rows: readonly Row[] = await next;
    next = rows.length < batchRows ? undefined : fetch();
    // Should taking fail, nobody waits for these any more.
    next?.catch(() => undefined);
    await take(rows);
  }
  await sql`close fleetgate_load`.execute(db);
}
