import { randomBytes, randomUUID } from "node:crypto";
import { sql } from "kysely";
import { applyConfig } from "../../src/commands/apply-config.ts";
import { bootstrapKey } from "../../src/commands/bootstrap-key.ts";
import { createApiKey } from "../../src/commands/create-api-key.ts";
import { mintToken } from "../../src/commands/credential/mint-token.ts";
import type { Identity } from "../../src/domain/identity.ts";
import { createReplica } from "../../src/replica/replica.ts";
import { openStorage, type Storage } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrate.ts";
import type { TaskToken } from "./messages.ts";
import {
  administrator,
  benchConfiguration,
  host,
  realm,
  relyingService,
  taskPermissions,
} from "./world.ts";

/** What clients need to know of a database that was filled. */
export interface FilledDatabase {
  /** The key of an administrator, and that of the service that is shown tokens. */
  readonly adminKey: string;
  readonly serviceKey: string;
  /** What servers sign with: the option `signing_keys`. */
  readonly signingKeys: string;
  readonly tokens: readonly TaskToken[];
}

/** Migrates a database, configures it, and makes so many tasks that run, each with a token and a hold. */
export async function fillDatabase(url: string, tasks: number): Promise<FilledDatabase> {
  const storage = await openStorage({ kind: "postgres", url });
  try {
    await migrate(storage);
    const keys = await configure(storage);
    const tokens: TaskToken[] = [];
    while (tokens.length < tasks) {
      tokens.push(...(await insertTasks(storage, Math.min(5_000, tasks - tokens.length))));
    }
    await storage.exec("analyze");
    return { ...keys, signingKeys: makeSigningKeys(), tokens };
  } finally {
    await storage.close();
  }
}

function makeSigningKeys(): string {
  const purposes = ["url", "assertion", "lookup"];
  return purposes.map((name) => `${name}/k1:${randomBytes(32).toString("base64")}`).join(" ");
}

async function configure(
  storage: Storage,
): Promise<{ readonly adminKey: string; readonly serviceKey: string }> {
  const deps = { storage, clock: () => new Date(), randomBytes };
  const admin = await bootstrapKey(deps, {
    ...{ identity: administrator, description: "", ttlSeconds: undefined, noExpiry: false },
    ...{ breakGlass: false, reason: "bench" },
  });
  const replica = createReplica(storage, {
    ...{ maxStalenessMs: 600_000, pollIntervalMs: 600_000, now: () => performance.now() },
  });
  try {
    await replica.refresh();
    await applyConfig({ ...deps, replica }, administrator as Identity, {
      ...{ source: "bench", etag: "", validateOnly: false, requestId: "", reason: "bench" },
      files: [{ path: "bench.yaml", text: benchConfiguration }],
    });
    const service = await createApiKey({ ...deps, replica }, administrator as Identity, {
      ...{ identity: relyingService, description: "bench", ttlSeconds: 7200 },
      ...{ noExpiry: false, requestId: "", reason: "bench" },
    });
    return { adminKey: admin.token, serviceKey: service.token };
  } finally {
    await replica.close();
  }
}

/** By SQL, as RegisterTask leaves them: thousands a second. The id of the credential is also that of its task. */
async function insertTasks(storage: Storage, count: number): Promise<readonly TaskToken[]> {
  const made = Array.from({ length: count }, () => {
    const { id, token, secretHash } = mintToken({ randomBytes }, "task");
    return { id, token, hash: Buffer.from(secretHash).toString("hex"), uid: randomUUID() };
  });
  const uids = sql`${made.map(({ uid }) => uid)}::uuid[]`;
  const ids = sql`${made.map(({ id }) => id)}::text[]`;
  const hashes = sql`${made.map(({ hash }) => hash)}::text[]`;
  await storage.db.transaction().execute(async (tx) => {
    await sql`
      insert into subject (uid, kind, subject_id, realm, state, trust, ref, default_ref, deadline, report_until, created_by)
      select uid, 'task', id, ${realm}, 'running', 'trusted', 'refs/heads/main', 'refs/heads/main',
             now() + interval '2 hours', now() + interval '2 hours 5 minutes', ${host}
      from unnest(${uids}, ${ids}) as task (uid, id)
    `.execute(tx);
    await sql`
      insert into credential (id, kind, subject_uid, generation, secret_hash, permissions, expires_at, issued_by)
      select id, 'task', uid, 1, decode(hash, 'hex'), ${[...taskPermissions]}::text[],
             now() + interval '2 hours 5 minutes', ${host}
      from unnest(${ids}, ${uids}, ${hashes}) as token (id, uid, hash)
    `.execute(tx);
    await sql`
      insert into hold (task_id, holder, hold_id, task_uid, lease_until)
      select id, ${host}, gen_random_uuid(), uid, now() + interval '1 hour'
      from unnest(${uids}, ${ids}) as task (uid, id)
    `.execute(tx);
  });
  return made.map(({ id, token, uid }) => ({ token, credentialId: id, taskId: id, uid }));
}
