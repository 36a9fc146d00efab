import { randomBytes, randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { sql } from "kysely";
import type { Storage, Tx } from "../../../src/storage/storage.ts";

// A world of things with their ages, what a sweep leaves of it as docs/operations.md says it, and how to store and read it. Ages are hours
// since; negative ones are ahead. Things are known by their place in the world.

/** Things that may be stored. */
export interface World {
  readonly subjects: readonly SubjectAge[];
  readonly credentials: readonly CredentialAge[];
  readonly holds: readonly HoldAge[];
  readonly events: readonly number[];
  readonly audits: readonly number[];
  readonly replicas: readonly number[];
}

interface SubjectAge {
  /** Undefined: it goes on. */
  readonly ended: number | undefined;
  /** The place of an earlier task on which it depends, if it is one; it may be none. */
  readonly dependsOn?: number | undefined;
}

interface CredentialAge {
  readonly of: number;
  readonly expires: number;
  readonly revoked: number | undefined;
  readonly wiped: boolean;
}

interface HoldAge {
  /** Undefined: it was released before it was registered. */
  readonly of: number | undefined;
  readonly lease: number;
  readonly released: number | undefined;
}

// Ages around every bound, a little before or after it: the test takes less than that.
const bounds = [0, 1, 2, 24, 30 * 24, 90 * 24];
const age = fc
  .tuple(fc.constantFrom(...bounds), fc.constantFrom(-0.5, -0.05, 0.05, 0.5))
  .map(([bound, off]) => bound + off);
const maybe = fc.option(age, { nil: undefined, freq: 2 });

/** Any world. */
export const world: fc.Arbitrary<World> = fc
  .array(fc.record({ ended: maybe, dependsOn: fc.option(fc.nat(5), { nil: undefined }) }), {
    ...{ minLength: 1, maxLength: 6 },
  })
  .chain((subjects) => {
    const of = fc.nat(subjects.length - 1);
    const few = { maxLength: 8 };
    return fc.record({
      subjects: fc.constant(subjects),
      credentials: fc.array(
        fc.record({ of, expires: age, revoked: maybe, wiped: fc.boolean() }),
        few,
      ),
      holds: fc
        .array(
          fc.record({ of: fc.option(of, { nil: undefined }), lease: age, released: maybe }),
          few,
        )
        // What was never registered was released.
        .map((holds) =>
          holds.map((hold) =>
            hold.of === undefined ? { ...hold, released: hold.released ?? 0.5 } : hold,
          ),
        ),
      events: fc.array(age, few),
      audits: fc.array(age, few),
      replicas: fc.array(age, few),
    });
  });

/** What is stored, each kind as sorted texts. */
export interface Remains {
  readonly subjects: readonly string[];
  readonly credentials: readonly string[];
  readonly uses: readonly string[];
  readonly holds: readonly string[];
  readonly events: number;
  readonly audits: number;
  readonly replicas: number;
}

/** What a sweep leaves. */
export function whatRemains(all: World): Remains {
  const day = 24;
  const endOf = ({ of, expires, revoked }: CredentialAge): number =>
    Math.max(expires, revoked ?? -Infinity, all.subjects[of]?.ended ?? -Infinity);
  // A token that a forge made must not be registered anew while its task goes on, whatever became of it.
  const endOfHash = (credential: CredentialAge, place: number): number =>
    isSupplied(place) ? (all.subjects[credential.of]?.ended ?? -Infinity) : endOf(credential);
  const keepsHash = (credential: CredentialAge, place: number): boolean =>
    !credential.wiped && endOfHash(credential, place) < day;
  const credentials = all.credentials
    .map((credential, place) => ({ credential, place }))
    .filter(
      ({ credential, place }) =>
        endOf(credential) < 30 * day || (isSupplied(place) && keepsHash(credential, place)),
    );
  const holds = all.holds
    .map((hold, place) => ({ hold, place }))
    .filter(({ hold }) => (hold.released ?? hold.lease) < day);
  const subjects = all.subjects
    .map((subject, place) => ({ subject, place }))
    .filter(({ subject, place }) => {
      if (subject.ended === undefined || subject.ended < 30 * day) return true;
      if (credentials.some(({ credential }) => credential.of === place)) return true;
      if (holds.some(({ hold }) => hold.of === place)) return true;
      return all.subjects.some(
        ({ ended, dependsOn }) => ended === undefined && dependsOn === place,
      );
    });
  return {
    subjects: subjects.map(({ place }) => `s${place}`).sort(),
    credentials: credentials
      .map(({ credential, place }) => {
        return `${credentialId(place)} ${keepsHash(credential, place) ? "kept" : "wiped"}`;
      })
      .sort(),
    uses: credentials.map(({ place }) => credentialId(place)).sort(),
    holds: holds.map(({ place }) => `t${place}`).sort(),
    events: all.events.filter((hours) => hours < 2).length,
    audits: all.audits.filter((hours) => hours < 90 * day).length,
    replicas: all.replicas.filter((hours) => hours < day).length,
  };
}

/** Whether a forge made the token. */
const isSupplied = (place: number): boolean => place % 2 === 1;
const credentialId = (place: number): string => `credential-${place}`.padEnd(16, "-");
const ago = (hours: number) => sql<Date>`now() - ${hours}::float8 * interval '1 hour'`;
const maybeAgo = (hours: number | undefined) => (hours === undefined ? null : ago(hours));

/** Stores a world in empty tables. */
export async function storeWorld(storage: Storage, all: World): Promise<void> {
  await storage.db.transaction().execute((tx) => storeIn(tx, all));
}

async function storeIn(db: Tx, all: World): Promise<void> {
  const uids = all.subjects.map(() => randomUUID());
  for (const [place, { ended, dependsOn }] of all.subjects.entries()) {
    const dependency = dependsOn === undefined ? undefined : uids[dependsOn];
    await db
      .insertInto("subject")
      .values({
        ...{ uid: uids[place] ?? "", kind: "task", subject_id: `s${place}`, realm: "demo:ci" },
        ...{ pool: null, bot_id: null, agent_id: null, state: "running", instance_state: null },
        ...{ trust: "trusted", ref: null, default_ref: null, delegated_user: null },
        dependencies: dependency === undefined ? [] : [dependency],
        ...{ deadline: ago(0), report_until: ago(0), created_by: "user:a@b.c" },
        ended_at: maybeAgo(ended),
      })
      .execute();
  }
  for (const [place, { of, expires, revoked, wiped }] of all.credentials.entries()) {
    const supplied = isSupplied(place);
    const hash = wiped ? null : randomBytes(32);
    const id = credentialId(place);
    await db
      .insertInto("credential")
      .values({
        ...{ id, kind: "task", subject_uid: uids[of] ?? "", generation: 1 },
        ...{ secret_hash: supplied ? null : hash, lookup_hash: supplied ? hash : null },
        lookup_key: supplied ? "k" : null,
        ...{ hold_id: null, max_uses: null, nonce_hash: null, replaced_by: null, parent: null },
        ...{ expires_at: ago(expires), revoked_at: maybeAgo(revoked), revoke_reason: null },
        issued_by: "user:a@b.c",
      })
      .execute();
    await db
      .insertInto("credential_use")
      .values({ id, first_used_at: ago(0), last_used_at: ago(0) })
      .execute();
  }
  for (const [place, { of, lease, released }] of all.holds.entries()) {
    await db
      .insertInto("hold")
      .values({
        ...{ task_id: `t${place}`, holder: "bot:b", hold_id: randomUUID() },
        task_uid: of === undefined ? null : (uids[of] ?? null),
        ...{ lease_until: ago(lease), released_at: maybeAgo(released) },
      })
      .execute();
  }
  for (const hours of all.events) {
    await sql`insert into credential_event (at, subject_uid, realm, version, shrinks)
      values (${ago(hours)}, ${randomUUID()}, 'demo:ci', 1, true)`.execute(db);
  }
  for (const hours of all.audits) {
    await sql`insert into credential_audit (at, event) values (${ago(hours)}, 'issued')`.execute(
      db,
    );
  }
  for (const hours of all.replicas) {
    await sql`insert into signing_key_holder (replica, seen_at, keys)
      values (${randomUUID()}, ${ago(hours)}, '{}')`.execute(db);
  }
}

/** What is stored now. */
export async function readRemains({ db }: Storage): Promise<Remains> {
  const texts = async (from: ReturnType<typeof sql>): Promise<readonly string[]> => {
    const { rows } = await sql<{ text: string }>`select text from (${from}) as t (text)`.execute(
      db,
    );
    return rows.map(({ text }) => text).sort();
  };
  const count = async (from: ReturnType<typeof sql>): Promise<number> => {
    const { rows } = await sql<{ n: bigint }>`select count(*) as n from ${from}`.execute(db);
    return Number(rows[0]?.n);
  };
  return {
    subjects: await texts(sql`select subject_id from subject`),
    credentials: await texts(sql`select id || case when secret_hash is null and lookup_hash is null
      then ' wiped' else ' kept' end from credential`),
    uses: await texts(sql`select id from credential_use`),
    holds: await texts(sql`select task_id from hold`),
    events: await count(sql`credential_event`),
    audits: await count(sql`credential_audit where event <> 'swept'`),
    replicas: await count(sql`signing_key_holder`),
  };
}
