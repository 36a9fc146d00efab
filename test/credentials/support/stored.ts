import { createHash, randomBytes, randomUUID } from "node:crypto";
import { formatBearerToken } from "../../../src/domain/bearer-token.ts";
import { kindLetters } from "../../../src/domain/credential/kinds.ts";
import type { CredentialKind } from "../../../src/domain/credential/kinds.ts";
import { appendCredentialEvents } from "../../../src/storage/credential/events.ts";
import type { Storage } from "../../../src/storage/storage.ts";

/** A credential in a database, with its token. Everything about it is written by plain SQL of the tests' own. */
export interface Stored {
  readonly token: string;
  readonly id: string;
  readonly uid: string;
  readonly subjectId: string;
}

/** What is not as usual about a stored credential and its subject: columns by name. */
export interface StoredChanges {
  readonly subject?: Readonly<Record<string, unknown>>;
  readonly credential?: Readonly<Record<string, unknown>>;
  /** How long a task is held, in milliseconds; undefined: an hour; 0: not at all. */
  readonly heldMs?: number;
  /** A token that a forge made, found by this hash. */
  readonly lookupHash?: string;
}

/** The realm of all that is stored here. */
export const storedRealm = "acme:ci";

const hour = 3_600_000;

/** Stores a subject, a credential of it, and a hold if it is a task. */
export async function store(
  storage: Storage,
  kind: CredentialKind,
  { subject = {}, credential = {}, heldMs = hour, lookupHash }: StoredChanges = {},
): Promise<Stored> {
  const id = randomBytes(12).toString("base64url");
  const secret = randomBytes(32).toString("base64url");
  const uid = randomUUID();
  const subjectId = `s-${uid.slice(0, 8)}`;
  const isTask = kind === "task";
  const now = Date.now();
  const ofTask = {
    ...{ state: "running", trust: "trusted", ref: "refs/heads/x", default_ref: "refs/heads/main" },
    ...{ deadline: new Date(now + hour), report_until: new Date(now + hour + 300_000) },
  };
  const ofBot = {
    state: kind === "boot" ? "pending" : "idle",
    instance_state: "running",
    epoch: 1n,
  };
  await storage.db
    .insertInto("subject")
    .values({
      ...{ uid, kind: isTask ? "task" : "bot", subject_id: subjectId, realm: storedRealm },
      ...{ created_by: "user:a@example.com", ...(isTask ? ofTask : ofBot), ...subject },
    })
    .execute();
  await storage.db
    .insertInto("credential")
    .values({
      ...{ id, kind, subject_uid: uid, generation: 1, epoch: isTask ? 0n : 1n },
      ...{ expires_at: new Date(now + 2 * hour), issued_by: "user:a@example.com" },
      secret_hash: lookupHash === undefined ? createHash("sha256").update(secret).digest() : null,
      ...(lookupHash === undefined
        ? {}
        : { lookup_hash: Buffer.from(lookupHash, "hex"), lookup_key: "k1" }),
      ...credential,
    })
    .execute();
  if (isTask && heldMs !== 0) await hold(storage, { uid, subjectId }, heldMs);
  const token = formatBearerToken({ kind: kindLetters[kind], id, secret });
  return { token, id, uid, subjectId };
}

/** Adds a hold of a task, which nobody hears of. */
export async function hold(
  storage: Storage,
  { uid, subjectId }: Pick<Stored, "uid" | "subjectId">,
  heldMs: number,
): Promise<void> {
  const lease = { task_uid: uid, lease_until: new Date(Date.now() + heldMs) };
  await storage.db
    .insertInto("hold")
    .values({ task_id: subjectId, holder: "bot:h", hold_id: randomUUID(), ...lease })
    .execute();
}

/** Changes columns of a subject as commands do: its version rises, and the log tells of it. Returns the version. */
export async function change(
  storage: Storage,
  uid: string,
  columns: Readonly<Record<string, unknown>>,
  shrinks = true,
): Promise<bigint> {
  return storage.db.transaction().execute(async (tx) => {
    const { version } = await tx
      .updateTable("subject")
      .set((eb) => ({ ...columns, version: eb("version", "+", 1n) }))
      .where("uid", "=", uid)
      .returning("version")
      .executeTakeFirstOrThrow();
    await appendCredentialEvents(tx, [{ subjectUid: uid, realm: storedRealm, version, shrinks }]);
    return version;
  });
}

/** Revokes a credential as commands do. Returns the version of its subject. */
export async function revoke(storage: Storage, { id, uid }: Stored): Promise<bigint> {
  await storage.db
    .updateTable("credential")
    .set({ revoked_at: new Date() })
    .where("id", "=", id)
    .execute();
  return change(storage, uid, {});
}
