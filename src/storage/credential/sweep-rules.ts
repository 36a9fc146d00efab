import { sql, type RawBuilder } from "kysely";
import { staleMs } from "../../domain/credential/manager-status.ts";

/** What a sweep removes, in its order: what refers to something goes before it. */
export const sweptThings = [
  "holds",
  "managers",
  "credentials",
  "secrets",
  "subjects",
  "claims",
  "claim_secrets",
  "events",
  "audit_events",
  "replicas",
] as const;

/** A kind of what a sweep removes. */
export type SweptThing = (typeof sweptThings)[number];

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * For how many milliseconds after its end each is kept; audit events as long as the server option says. Secrets are the hashes of
 * a credential or of a claim, which is kept longer without them. The log of events is kept longer than the longest signed grant.
 */
export const retentionMs = {
  holds: day,
  managers: staleMs,
  credentials: 30 * day,
  secrets: day,
  subjects: 30 * day,
  claims: 7 * day,
  claim_secrets: day,
  events: 2 * hour,
  replicas: day,
} as const satisfies Readonly<Record<Exclude<SweptThing, "audit_events">, number>>;

/** A condition in SQL. */
type Condition = RawBuilder<boolean>;

/** The instant before which what ended is due. */
function before(ms: number): RawBuilder<Date> {
  return sql<Date>`now() - ${ms / 1000}::float8 * interval '1 second'`;
}

// The first of the ends of a credential `c` of the subject `s`; least() passes over what is null.
const endOfCredential = sql<Date>`least(c.expires_at, c.revoked_at, s.ended_at, s.deleted_at)`;
const credentialsBefore = before(retentionMs.credentials);

// A token that a forge made is known by its hash alone: as long as its task may go on, and a while longer, it must not be registered
// anew, least of all after it was revoked.
const lookupIsOver = sql<boolean>`
  (least(s.report_until, s.ended_at, s.deleted_at) <= ${before(retentionMs.secrets)})`;

/**
 * Whether a hold `h` is due: released, or run out without. Of a claim that was released before it was presented, that is remembered until the
 * claim is over.
 */
export const holdIsDue: Condition = sql<boolean>`
  ((h.released_at is not null and h.released_at <= ${before(retentionMs.holds)}
    and not (
      h.task_uid is null
      and exists (select from claim as k where k.uid = h.hold_id and k.state = 'pending')
    ))
   or (h.released_at is null and h.lease_until <= ${before(retentionMs.holds)}))`;

/** Whether a manager `m` is due: it was not heard of for so long, and has no credential by which it could be. */
export const managerIsDue: Condition = sql<boolean>`
  (m.enrolled_at <= ${before(retentionMs.managers)}
   and not exists (
     select from manager_contact as h
     where h.runner_uid = m.runner_uid and h.system_id = m.system_id
       and h.contacted_at > ${before(retentionMs.managers)}
   )
   and not exists (
     select from credential as c
     where c.subject_uid = m.runner_uid and c.system_id = m.system_id
       and c.revoked_at is null and c.expires_at > now()
   ))`;

/** Whether a credential `c` of the subject `s` is due. */
export const credentialIsDue: Condition = sql<boolean>`
  (${endOfCredential} <= ${credentialsBefore} and (c.lookup_hash is null or ${lookupIsOver}))`;

/** The ids of up to `limit` credentials that are due by each of their ends: what an index finds. */
export function dueCredentialIds(limit: number): RawBuilder<string> {
  const due = sql`
    select c.id from credential as c join subject as s on s.uid = c.subject_uid
    where ${credentialIsDue}`;
  return sql<string>`
    (${due} and c.expires_at <= ${credentialsBefore} limit ${limit})
    union (${due} and c.revoked_at <= ${credentialsBefore} limit ${limit})
    union (${due} and s.ended_at <= ${credentialsBefore} limit ${limit})`;
}

/** Whether the hashes of a credential `c` of the subject `s` are due. */
export const secretIsDue: Condition = sql<boolean>`
  ((c.secret_hash is not null and ${endOfCredential} <= ${before(retentionMs.secrets)})
   or (c.lookup_hash is not null and ${lookupIsOver}))`;

/** Whether a subject `s` ended so long ago, and no task that goes on depends on it. */
const subjectIsOver = sql<boolean>`
  (s.ended_at <= ${before(retentionMs.subjects)}
   and not exists (
     select from subject as d
     where d.dependencies @> array[s.uid]
       and d.kind = 'task' and d.ended_at is null and d.dependencies <> '{}'
   ))`;

/** Whether a subject `s` is due: what refers to it is gone. */
export const subjectIsDue: Condition = sql<boolean>`
  (${subjectIsOver}
   and not exists (select from credential as c where c.subject_uid = s.uid)
   and not exists (select from hold as h where h.task_uid = s.uid)
   and not exists (select from manager as m where m.runner_uid = s.uid))`;

/** Whether a subject `s` will be due once all else that is due is gone; its credentials are, since they ended with it at the latest. */
export const subjectWillBeDue: Condition = sql<boolean>`
  (${subjectIsOver}
   and not exists (select from hold as h where h.task_uid = s.uid and not ${holdIsDue}))`;

/** Whether a claim `c` is due. */
export const claimIsDue: Condition = sql<boolean>`(c.ended_at <= ${before(retentionMs.claims)})`;

/** Whether the hashes of a claim `c` are due. */
export const claimSecretIsDue: Condition = sql<boolean>`
  (c.ended_at <= ${before(retentionMs.claim_secrets)}
   and (c.secret_hash is not null or c.nonce_hash is not null))`;

/** Whether an event of the log is due. */
export const eventIsDue: Condition = sql<boolean>`(at <= ${before(retentionMs.events)})`;

/** Whether an audit event is due. */
export function auditEventIsDue(auditMs: number): Condition {
  return sql<boolean>`(at <= ${before(auditMs)})`;
}

/** Whether what a replica said of its keys is due. */
export const replicaIsDue: Condition = sql<boolean>`(seen_at <= ${before(retentionMs.replicas)})`;
