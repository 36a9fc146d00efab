import { randomBytes } from "node:crypto";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { sql } from "kysely";
import { applyConfig } from "../../src/commands/apply-config.ts";
import { bootstrapKey } from "../../src/commands/bootstrap-key.ts";
import type { Identity } from "../../src/domain/identity.ts";
import { ConfigSchema } from "../../src/gen/fleetgate/config/v1/config_pb.ts";
import { createReplica } from "../../src/replica/replica.ts";
import { openStorage, type Storage } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrate.ts";
import { writeChange, type ChangePlan } from "../../src/storage/write-change.ts";
import type { Tx } from "../../src/storage/storage.ts";
import type { FleetSize } from "../../test/support/fleets/sizes.ts";
import { serveParent } from "../children.ts";
import type { Filled, WriterRequest } from "./messages.ts";
import {
  administrator,
  benchConfiguration,
  makeWorld,
  memberChange,
  type LiveWorld,
} from "./world.ts";

// The process that fills the database and commits changes to it, without a replica of its own.

let storage: Storage | undefined;
let world: LiveWorld | undefined;
let filled = 0;
let committed = 0;

serveParent(
  (message) => {
    const request = message as WriterRequest;
    switch (request.kind) {
      case "open":
        return open(request.url, request.seed, request.fleet);
      case "fill":
        return fill(request.memberships);
      default:
        return commit(request.group, request.member);
    }
  },
  () => storage?.close(),
);

/** Migrates the database, and makes everything in it except members. */
async function open(url: string, seed: number, fleet: FleetSize): Promise<Filled> {
  storage = await openStorage({ kind: "postgres", url });
  await migrate(storage);
  const deps = { storage, clock: () => new Date(), randomBytes };
  const { token } = await bootstrapKey(deps, {
    ...{ identity: administrator, description: "", ttlSeconds: undefined, noExpiry: false },
    ...{ breakGlass: false, reason: "bench" },
  });
  world = makeWorld(seed, fleet);
  const { groups, policy, teams } = world;
  await change(async () => ({ source: undefined, changes: groups }));
  const replica = createReplica(storage, {
    ...{ maxStalenessMs: 600_000, pollIntervalMs: 600_000, now: () => performance.now() },
  });
  const config = fromJson(ConfigSchema, policy as JsonValue);
  const sources = [
    { source: "main", files: [{ path: "fleet", config }] },
    { source: "bench", files: [{ path: "bench", text: benchConfiguration }] },
  ];
  try {
    await replica.refresh();
    for (const input of sources) {
      await applyConfig({ ...deps, replica }, administrator as Identity, {
        ...{ ...input, etag: "", validateOnly: false, requestId: "", reason: "bench" },
      });
    }
  } finally {
    await replica.close();
  }
  const count = groups.filter(({ kind }) => kind === "group").length;
  return { token, groups: count, teams: teams.slice(-500) };
}

const rowsPerStatement = 20_000;

/**
 * Adds members until there are so many. They go into the tables directly: a revision that says nothing of
 * them in the log, so that no replica may follow across it.
 */
async function fill(memberships: number): Promise<void> {
  if (world === undefined) throw new Error("the writer is not open");
  const rows = world.memberships.slice(filled, memberships);
  if (rows.length < memberships - filled) throw new Error("the fleet is too small");
  await change(async (tx) => {
    for (let start = 0; start < rows.length; start += rowsPerStatement) {
      const some = rows.slice(start, start + rowsPerStatement);
      await sql`
        insert into group_member (group_name, identity, member)
        select * from unnest(
          ${some.map(({ group }) => group)}::text[],
          ${some.map(({ identity }) => identity)}::text[],
          ${some.map(({ member }) => member)}::text[]
        )
      `.execute(tx);
    }
    return { source: undefined, changes: [], evenIfEmpty: true };
  });
  filled = memberships;
  await storage?.exec("analyze");
}

/** Commits a change that adds one member to a group. */
async function commit(group: string, named: string | undefined): Promise<void> {
  committed += 1;
  const member = named ?? `user:bench-commit-${committed}@example.com`;
  await change(async () => ({ source: undefined, changes: [memberChange(group, member)] }));
}

async function change(plan: (tx: Tx) => Promise<ChangePlan>): Promise<void> {
  if (storage === undefined) throw new Error("the writer is not open");
  const meta = { author: administrator, reason: "bench", requestId: "", requestHash: "" };
  await writeChange(storage, meta, plan);
}
