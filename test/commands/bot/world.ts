import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Actor, CredentialDeps } from "../../../src/credentials/deps.ts";
import { createBot } from "../../../src/commands/bot/create-bot.ts";
import { issueBootToken } from "../../../src/commands/bot/issue-boot-token.ts";
import { openSession } from "../../../src/commands/session/open-session.ts";
import type { NewSession } from "../../../src/commands/session/new-session.ts";
import { parseBearerToken } from "../../../src/domain/bearer-token.ts";
import type { InstanceState, RunnerState } from "../../../src/domain/credential/bot-states.ts";
import { credentialKindOf } from "../../../src/domain/credential/kinds.ts";
import type { CredentialRecord } from "../../../src/domain/credential/subject.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { readSubject } from "../../../src/storage/credential/subjects.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { createMemoryReplica } from "../../../src/testing/memory-replica.ts";
import { readConfiguration } from "../../../src/testing/read-configuration.ts";

const configuration = readConfiguration(`
groups:
  - name: administrators
    members: ["user:root@example.com"]
projects:
  - name: proj
    realms:
      - name: "@root"
        bindings:
          - {role: role/fleetgate.provisioner, principals: ["service:everywhere"]}
      - name: bots
        bindings:
          - role: role/fleetgate.provisioner
            principals: ["service:provisioner", "service:second", "bot:mighty"]
      - name: other
        bindings:
          - {role: role/fleetgate.provisioner, principals: ["service:other"]}
pools:
  - {name: linux, realm: "proj:bots"}
  - {name: mac, realm: "proj:bots"}
`);

/** The realm of the bots of these tests. */
export const realm = "proj:bots";

/** Somebody without a credential of a bot. */
export function actor(identity: string, record?: CredentialRecord): Actor {
  const source = { caller: identity, source: "192.0.2.1", requestId: "r1" };
  return { ...source, identity: identity as Identity, record };
}

/** Manages the bots of the realm. */
export const provisioner = actor("service:provisioner");

/** Manages those of another realm. */
export const stranger = actor("service:other");

/** An administrator. */
export const admin = actor("user:root@example.com");

/** A database with the commands on it, and what makes bots and their credentials. */
export type World = ReturnType<typeof createWorld>;

let made = 0;

/** Commands on an open database, with the realms proj:bots and proj:other. */
export function createWorld(storage: Storage) {
  const replica = createMemoryReplica(configuration);
  const known: string[] = [];
  const deps: CredentialDeps = {
    storage,
    replica,
    randomBytes,
    makeKnown: (uids) => {
      known.push(...uids);
      return Promise.resolve();
    },
  };
  const { snapshot } = replica.state();

  /** A bot by its token, as whoever identified it knew it at this moment. */
  async function by(token: string, more: Partial<CredentialRecord> = {}): Promise<Actor> {
    const { id, kind: letters } = parseBearerToken(token) ?? assert.fail(`no token: ${token}`);
    const row = await storage.db
      .selectFrom("credential")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    const subject = (await readSubject(storage.db, { uid: row.subject_uid })) ?? assert.fail();
    const record: CredentialRecord = {
      id,
      kind: credentialKindOf(letters) ?? assert.fail(),
      subject: {
        kind: "bot",
        uid: subject.uid,
        id: subject.subject_id,
        realm: subject.realm,
        pool: subject.pool ?? undefined,
        generation: subject.generation,
        epoch: subject.epoch,
        version: subject.version,
        deleted: subject.deleted_at !== null,
        runnerState: subject.state as RunnerState,
        instanceState: subject.instance_state as InstanceState,
      },
      generation: row.generation,
      epoch: row.epoch,
      secretHash: "",
      lookupHash: undefined,
      audiences: row.audiences,
      permissions: [],
      notBefore: row.not_before.getTime(),
      expiresAt: row.expires_at.getTime(),
      revokedAt: row.revoked_at?.getTime(),
      usedAt: row.used_at?.getTime(),
      version: row.version,
      ...more,
    };
    return actor(`bot:${subject.subject_id}`, record);
  }

  /** Creates a bot. Returns its id and uid. */
  async function bot(
    id = `b${(made += 1)}`,
    references: Readonly<Record<string, string>> = { jit: "vault/jit", reg: "vault/reg" },
  ) {
    const map = new Map(Object.entries(references));
    const input = { id, realm, pool: "", uid: "", references: map };
    return createBot(deps, snapshot, provisioner, input);
  }

  /** Puts a bot into a state, by no command. */
  async function put(uid: string, state: RunnerState, instanceState: InstanceState): Promise<void> {
    await storage.db
      .updateTable("subject")
      .set({ state, instance_state: instanceState })
      .where("uid", "=", uid)
      .execute();
  }

  /** Issues a boot token for a bot of a generation. */
  async function boot(id: string, generation = 1): Promise<string> {
    const input = { id, generation, ttl: undefined, audiences: [] };
    return (await issueBootToken(deps, snapshot, provisioner, input)).token;
  }

  /** A new bot whose machine runs, and its boot token. */
  async function running(id?: string) {
    const made = await bot(id);
    await put(made.uid, "pending", "running");
    return { id: made.id, uid: made.uid, boot: await boot(made.id) };
  }

  /** Opens a session by a boot token. */
  async function open(token: string, audiences: readonly string[] = []): Promise<NewSession> {
    return openSession(deps, snapshot, await by(token), { ttl: undefined, audiences });
  }

  /** What the audit and the log of events say of a subject, oldest first. */
  async function history(uid: string, id: string) {
    const events = await storage.db
      .selectFrom("credential_event")
      .select(["version", "shrinks"])
      .where("subject_uid", "=", uid)
      .orderBy("version")
      .execute();
    const audit = await storage.db
      .selectFrom("credential_audit")
      .select("event")
      .where("identity", "=", `bot:${id}`)
      .orderBy("id")
      .execute();
    return { events, audit: audit.map(({ event }) => event) };
  }

  /** Moves the times of a credential into the past, since nobody moves the database's clock. */
  async function age(
    token: string,
    column: "expires_at" | "used_at" | "sessions_until",
    ms: number,
  ): Promise<void> {
    const { id } = parseBearerToken(token) ?? assert.fail();
    await storage.exec(
      `update credential set ${column} = ${column} - interval '${ms} milliseconds'
       where id = '${id}'`,
    );
  }

  return {
    storage,
    deps,
    replica,
    snapshot,
    known,
    by,
    bot,
    put,
    boot,
    running,
    open,
    history,
    age,
  };
}
