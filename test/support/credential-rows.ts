import { randomBytes, randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { CredentialKind } from "../../src/domain/credential/kinds.ts";
import type { CredentialRecord } from "../../src/domain/credential/subject.ts";
import type { Storage } from "../../src/storage/database.ts";

/** A subject to be stored. Times are in seconds from now. */
export interface SubjectRow {
  readonly kind?: "bot" | "task";
  readonly id?: string;
  readonly realm?: string;
  readonly endedAt?: number;
  readonly deletedAt?: number;
  readonly deadline?: number;
  readonly dependencies?: readonly string[];
}

/** Stores a subject as it is, without any rule, and gives its uid. */
export async function storeSubject(storage: Storage, row: SubjectRow = {}): Promise<string> {
  const { kind = "bot", realm = "demo:ci" } = row;
  const uid = randomUUID();
  const isTask = kind === "task";
  await storage.db
    .insertInto("subject")
    .values({
      ...{ uid, kind, subject_id: row.id ?? uid, realm, pool: null, bot_id: null, agent_id: null },
      state: isTask ? "running" : "idle",
      instance_state: isTask ? null : "running",
      ...{ trust: isTask ? "trusted" : null, ref: null, default_ref: null, delegated_user: null },
      dependencies: [...(row.dependencies ?? [])],
      deadline: isTask ? at(row.deadline ?? 3600) : null,
      report_until: isTask ? at((row.deadline ?? 3600) + 300) : null,
      ended_at: row.endedAt === undefined ? null : at(row.endedAt),
      deleted_at: row.deletedAt === undefined ? null : at(row.deletedAt),
      created_by: "user:test@example.com",
    })
    .execute();
  return uid;
}

/** A credential to be stored. Times are in seconds from now. */
export interface CredentialRow {
  readonly kind?: CredentialKind;
  readonly issuedAt?: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  readonly supplied?: boolean;
}

/** Stores a credential of a subject, and gives its id. */
export async function storeCredential(
  storage: Storage,
  subjectUid: string,
  row: CredentialRow = {},
): Promise<string> {
  const id = randomBytes(12).toString("base64url");
  const supplied = row.supplied === true;
  await storage.db
    .insertInto("credential")
    .values({
      ...{ id, kind: row.kind ?? "session", subject_uid: subjectUid, generation: 1 },
      secret_hash: supplied ? null : randomBytes(32),
      lookup_hash: supplied ? randomBytes(32) : null,
      lookup_key: supplied ? "k1" : null,
      ...{ hold_id: null, max_uses: null, nonce_hash: null, replaced_by: null, parent: null },
      expires_at: at(row.expiresAt ?? 3600),
      revoked_at: row.revokedAt === undefined ? null : at(row.revokedAt),
      revoke_reason: null,
      issued_by: "user:test@example.com",
      issued_at: at(row.issuedAt ?? 0),
    })
    .execute();
  return id;
}

/** A time of the database's clock, so many seconds from now. */
export function at(seconds: number): ReturnType<typeof sql<Date>> {
  return sql<Date>`now() + make_interval(secs => ${seconds})`;
}

/** A record as the identifier gives it, of a bot that has a session. */
export function sessionRecord(id: string, botId = "bot-1", realm = "demo:ci"): CredentialRecord {
  return {
    id,
    kind: "session",
    subject: {
      ...{ kind: "bot", uid: "00000000-0000-4000-8000-000000000001", id: botId, realm },
      ...{ pool: undefined, generation: 1, epoch: 1n, version: 1n, deleted: false },
      ...{ runnerState: "idle", instanceState: "running" },
    },
    ...{ generation: 1, epoch: 1n, secretHash: "00".repeat(32), lookupHash: undefined },
    ...{ audiences: [], permissions: [], notBefore: 0, expiresAt: Infinity },
    ...{ revokedAt: undefined, usedAt: undefined, version: 1n },
  };
}
