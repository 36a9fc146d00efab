import { sql } from "kysely";
import type { SubjectKind } from "../../domain/credential/kinds.ts";
import type { Db, Tx } from "../storage.ts";
import { ended, type CredentialEnd } from "./credential-end.ts";

/** A credential as it is shown: never its secret, nor a hash of it. */
export interface CredentialView {
  readonly id: string;
  readonly kind: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly subjectUid: string;
  readonly realm: string;
  readonly generation: number;
  readonly permissions: readonly string[];
  readonly audiences: readonly string[];
  readonly issuedAt: Date;
  readonly issuedBy: string;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly revokeReason: string | null;
  readonly lastUsedAt: Date | null;
  /** Why it proves nothing any more; null: it may prove something, now or in a later state of its subject. */
  readonly ended: CredentialEnd | null;
  /** Whether a forge made its token. */
  readonly supplied: boolean;
  /** The machine whose it is; null: it is no runner token. */
  readonly systemId: string | null;
  /** How many times an enrolment token was used, and how many times it may be; null: it is none. */
  readonly uses: number;
  readonly maxUses: number | null;
  /** The credential that took its place; null: none. */
  readonly replacedBy: string | null;
  /** Its place in a list, opaque: see ListFilter.after. */
  readonly place: string;
}

/** A subject that has, or had, an id. */
export interface NamedSubject {
  readonly uid: string;
  readonly realm: string;
  readonly deleted: boolean;
}

/** How many subjects that had one id, one after another, are looked at: the newest. */
export const maxNamesakes = 1_000;

/** The subjects that have, or had, this id and are still stored: the newest first. */
export async function readNamesakes(
  db: Db | Tx,
  kind: SubjectKind,
  id: string,
): Promise<readonly NamedSubject[]> {
  const rows = await db
    .selectFrom("subject")
    .select(["uid", "realm", "deleted_at"])
    .where("kind", "=", kind)
    .where("subject_id", "=", id)
    .orderBy("created_at", "desc")
    .orderBy("uid")
    .limit(maxNamesakes)
    .execute();
  return rows.map(({ uid, realm, deleted_at: at }) => ({ uid, realm, deleted: at !== null }));
}

/** The credential of an id; undefined: there is none. */
export async function readCredentialView(
  db: Db | Tx,
  id: string,
): Promise<CredentialView | undefined> {
  const row = await views(db).where("c.id", "=", id).executeTakeFirst();
  return row && toView(row);
}

/** Which credentials to list. */
export interface ListFilter {
  readonly subjectUids: readonly string[];
  /** Those as well that prove nothing any more. */
  readonly showEnded: boolean;
  /** The place of the last one that was listed; undefined: from the newest on. */
  readonly after: string | undefined;
}

/** Lists credentials of subjects, at most `limit`, the newest first. */
export async function listCredentialViews(
  db: Db | Tx,
  { subjectUids, showEnded, after }: ListFilter,
  limit: number,
): Promise<readonly CredentialView[]> {
  let query = views(db)
    .where("c.subject_uid", "=", sql<string>`any(${[...subjectUids]}::uuid[])`)
    .orderBy("c.issued_at", "desc")
    .orderBy("c.id", "desc")
    .limit(limit);
  if (!showEnded) query = query.where(sql<boolean>`${ended} is null`);
  if (after !== undefined) {
    const [issuedAt = "", id = ""] = after.split(" ");
    query = query.where(
      sql<boolean>`(c.issued_at, c.id)
        < (timestamptz 'epoch' + ${issuedAt}::bigint * interval '1 microsecond', ${id}::text)`,
    );
  }
  return (await query.execute()).map(toView);
}

function views(db: Db | Tx) {
  return db
    .selectFrom("credential as c")
    .innerJoin("subject as s", "s.uid", "c.subject_uid")
    .leftJoin("credential_use as u", "u.id", "c.id")
    .select(["c.id", "c.kind", "c.generation", "c.permissions", "c.audiences"])
    .select(["c.subject_uid", "s.kind as subject_kind", "s.subject_id", "s.realm"])
    .select(["c.system_id", "c.uses", "c.max_uses", "c.replaced_by"])
    .select(["c.issued_at", "c.issued_by", "c.expires_at", "c.revoked_at", "c.revoke_reason"])
    .select([
      "u.last_used_at",
      ended.as("ended"),
      sql<boolean>`c.lookup_key is not null`.as("supplied"),
      // To the microsecond: what is issued at once differs in less than a Date tells.
      sql<string>`(extract(epoch from c.issued_at) * 1000000)::bigint::text || ' ' || c.id`.as(
        "place",
      ),
    ]);
}

type ViewRow = Awaited<ReturnType<ReturnType<typeof views>["execute"]>>[number];

function toView(row: ViewRow): CredentialView {
  const { id, kind, generation, permissions, audiences, realm, supplied, place } = row;
  return {
    ...{ id, kind, generation, permissions, audiences, realm, supplied, place },
    ...{ subjectKind: row.subject_kind, subjectId: row.subject_id, subjectUid: row.subject_uid },
    ...{ issuedAt: row.issued_at, issuedBy: row.issued_by, expiresAt: row.expires_at },
    ...{ revokedAt: row.revoked_at, revokeReason: row.revoke_reason },
    ...{ systemId: row.system_id, uses: row.uses, maxUses: row.max_uses },
    ...{ replacedBy: row.replaced_by, lastUsedAt: row.last_used_at, ended: row.ended },
  };
}
