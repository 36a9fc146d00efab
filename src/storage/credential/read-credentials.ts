import { sql } from "kysely";
import type { InstanceState, RunnerState } from "../../domain/credential/bot-states.ts";
import type { CredentialKind } from "../../domain/credential/kinds.ts";
import type {
  CredentialRecord,
  Dependency,
  Subject,
  Trust,
} from "../../domain/credential/subject.ts";
import type { TaskState } from "../../domain/credential/task-states.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Db } from "../storage.ts";

/** Which credentials are asked for; one may be named in both ways. */
export interface CredentialKeys {
  readonly ids: readonly string[];
  /** Hashes under which tokens that a forge made may be stored, lower-case hexadecimal. */
  readonly lookupHashes: readonly string[];
}

/** What a read of credentials found. */
export interface FoundCredentials {
  /** In no order; of keys that are unknown there is none. */
  readonly records: readonly CredentialRecord[];
  /** The clock of the database while it read, milliseconds since 1970. */
  readonly now: number;
}

interface SubjectColumns {
  readonly uid: string;
  readonly subject_kind: string;
  readonly subject_id: string;
  readonly realm: string;
  readonly pool: string | null;
  readonly bot_id: string | null;
  readonly subject_generation: number;
  readonly subject_epoch: bigint;
  readonly state: string;
  readonly instance_state: string | null;
  readonly trust: string | null;
  readonly ref: string | null;
  readonly default_ref: string | null;
  readonly delegated_user: string | null;
  readonly deadline: Date | null;
  readonly report_until: Date | null;
  readonly subject_version: bigint;
  readonly deleted_at: Date | null;
  readonly held_until: Date | null;
  readonly dependencies: readonly Dependency[];
}

interface CredentialColumns extends SubjectColumns {
  readonly id: string;
  readonly kind: string;
  readonly generation: number;
  readonly epoch: bigint;
  readonly secret_hash: string | null;
  readonly lookup_hash: string | null;
  readonly audiences: readonly string[];
  readonly permissions: readonly string[];
  readonly not_before: Date;
  readonly expires_at: Date;
  readonly revoked_at: Date | null;
  readonly used_at: Date | null;
  readonly rotated_at: Date | null;
  readonly system_id: string | null;
  readonly version: bigint;
}

// A task without a live hold has no end of one; its dependencies are those that storage still knows.
const subjectColumns = sql`
  s.uid, s.kind as subject_kind, s.subject_id, s.realm, s.pool, s.bot_id,
  s.generation as subject_generation, s.epoch as subject_epoch, s.state, s.instance_state,
  s.trust, s.ref, s.default_ref, s.delegated_user, s.deadline, s.report_until,
  s.version as subject_version, s.deleted_at,
  (select max(h.lease_until) from hold h where h.task_uid = s.uid and h.released_at is null) as held_until,
  (select coalesce(jsonb_agg(jsonb_build_object('taskId', d.subject_id, 'realm', d.realm,
      'trust', d.trust, 'ref', coalesce(d.ref, '')) order by u.place), '[]'::jsonb)
    from unnest(s.dependencies) with ordinality as u(uid, place)
    join subject d on d.uid = u.uid and d.kind = 'task') as dependencies`;

/**
 * Reads credentials with all that decides whether they are good, as one statement sees it: their subjects, the holds of these
 * and what these depend on. Throws whatever the query does.
 */
export async function readCredentials(
  db: Db,
  { ids, lookupHashes }: CredentialKeys,
): Promise<FoundCredentials> {
  const { rows } = await sql<
    { readonly now: Date } & (CredentialColumns | { readonly id: null })
  >`select clock.now, found.* from (select now() as now) clock left join (
      select c.id, c.kind, c.generation, c.epoch, encode(c.secret_hash, 'hex') as secret_hash,
        encode(c.lookup_hash, 'hex') as lookup_hash, c.audiences, c.permissions, c.not_before,
        c.expires_at, c.revoked_at, c.used_at, c.rotated_at, c.system_id, c.version,
        ${subjectColumns}
      from credential c join subject s on s.uid = c.subject_uid
      where c.id = any(${[...ids]}::text[])
        or c.lookup_hash = any(array(select decode(hash, 'hex') from unnest(${[...lookupHashes]}::text[]) as hash))
    ) found on true`.execute(db);
  const now = rows[0]?.now.getTime();
  if (now === undefined) throw corrupt("the clock");
  return { now, records: rows.flatMap((row) => (row.id === null ? [] : [toRecord(row)])) };
}

function toRecord(row: CredentialColumns): CredentialRecord {
  return {
    id: row.id,
    kind: row.kind as CredentialKind,
    subject: toSubject(row),
    generation: row.generation,
    epoch: row.epoch,
    secretHash: row.secret_hash ?? undefined,
    lookupHash: row.lookup_hash ?? undefined,
    audiences: row.audiences,
    permissions: row.permissions,
    notBefore: row.not_before.getTime(),
    expiresAt: row.expires_at.getTime(),
    revokedAt: row.revoked_at?.getTime(),
    usedAt: row.used_at?.getTime(),
    rotatedAt: row.rotated_at?.getTime(),
    systemId: row.system_id ?? undefined,
    version: row.version,
  };
}

function toSubject(row: SubjectColumns): Subject {
  const base = {
    uid: row.uid,
    id: row.subject_id,
    realm: row.realm,
    pool: row.pool ?? undefined,
    generation: row.subject_generation,
    epoch: row.subject_epoch,
    version: row.subject_version,
    deleted: row.deleted_at !== null,
  };
  if (row.subject_kind === "bot") {
    const instanceState = row.instance_state as InstanceState;
    return { ...base, kind: "bot", runnerState: row.state as RunnerState, instanceState };
  }
  if (row.subject_kind === "runner") {
    return { ...base, kind: "runner", paused: row.state === "paused" };
  }
  const { deadline, report_until: reportUntil } = row;
  if (deadline === null || reportUntil === null) throw corrupt("the deadline of a task");
  return {
    ...base,
    kind: "task",
    state: row.state as TaskState,
    botId: row.bot_id ?? undefined,
    trust: row.trust as Trust,
    ref: row.ref ?? "",
    defaultRef: row.default_ref ?? "",
    delegatedUser: row.delegated_user ?? undefined,
    dependencies: row.dependencies,
    deadline: deadline.getTime(),
    reportUntil: reportUntil.getTime(),
    heldUntil: row.held_until?.getTime() ?? -Infinity,
  };
}

function corrupt(what: string): DomainError {
  return new DomainError("INTERNAL_FAULT", `storage does not tell ${what}`);
}
