import { sql } from "kysely";
import { translateStorageError } from "../errors.ts";
import type { Db, Tx } from "../storage.ts";

/** For how many seconds a replica counts that was not seen again. */
export const replicaSeenSeconds = 120;

/** A key as the database knows it. */
export interface SigningKeyRow {
  readonly purpose: string;
  readonly id: string;
  /** `passive` becomes `retired` by itself at `passiveUntil`. */
  readonly state: string;
  readonly createdAt: Date;
  readonly passiveUntil: Date | null;
}

/** A replica that was seen lately, and what it holds ("purpose/id"). */
export interface KeyHolderRow {
  readonly replica: string;
  readonly keys: readonly string[];
}

/** Reads the keys that the database knows, by purpose and id. */
export async function readSigningKeys(db: Db | Tx): Promise<readonly SigningKeyRow[]> {
  try {
    const { rows } = await sql<SigningKeyRow>`
      select purpose, id, created_at as "createdAt", passive_until as "passiveUntil",
        case when state = 'passive' and passive_until <= now() then 'retired' else state end as state
      from signing_key
      order by purpose, id
    `.execute(db);
    return rows;
  } catch (error) {
    throw translateStorageError(error);
  }
}

/** Reads the replicas that were seen in the last two minutes, and what they hold. */
export async function readKeyHolders(db: Db | Tx): Promise<readonly KeyHolderRow[]> {
  try {
    const { rows } = await sql<KeyHolderRow>`
      select replica, keys from signing_key_holder where seen_at > now() - ${seen} order by replica
    `.execute(db);
    return rows;
  } catch (error) {
    throw translateStorageError(error);
  }
}

const seen = sql`make_interval(secs => ${replicaSeenSeconds})`;

/** Says what a replica holds now. Rows of those that were not seen for a day are swept. */
export async function recordKeyHolder(
  db: Db,
  replica: string,
  keys: readonly string[],
): Promise<void> {
  try {
    await sql`
      insert into signing_key_holder (replica, seen_at, keys)
      values (${replica}::uuid, now(), ${[...keys]}::text[])
      on conflict (replica) do update set seen_at = now(), keys = excluded.keys
    `.execute(db);
  } catch (error) {
    throw translateStorageError(error);
  }
}

/** Forgets a replica that ends. */
export async function forgetKeyHolder(db: Db, replica: string): Promise<void> {
  try {
    await db.deleteFrom("signing_key_holder").where("replica", "=", replica).execute();
  } catch (error) {
    throw translateStorageError(error);
  }
}

/**
 * Makes a key the active one of a purpose of which the database knows no key yet, once every replica that was seen lately holds it.
 * Replicas may race: one wins and writes it into the audit, and the others have done nothing.
 */
export async function activateFirstKey(db: Db | Tx, purpose: string, id: string): Promise<void> {
  try {
    await sql`
      with activated as (
        insert into signing_key (purpose, id, state, activated_at)
        select ${purpose}::text, ${id}::text, 'active', now()
        where not exists (select from signing_key where purpose = ${purpose}::text)
          and not exists (
            select from signing_key_holder
            where seen_at > now() - ${seen} and not (${`${purpose}/${id}`}::text = any(keys))
          )
        on conflict do nothing
        returning purpose, id
      )
      insert into credential_audit (event, detail)
      select 'key_activated', jsonb_build_object(
        'purpose', purpose, 'key_id', id, 'previous', '', 'force', false)
      from activated
    `.execute(db);
  } catch (error) {
    throw translateStorageError(error);
  }
}

/** Lets changes of keys come one after another until this transaction ends. */
export async function lockSigningKeys(tx: Tx): Promise<void> {
  await sql`lock table signing_key in share row exclusive mode`.execute(tx);
}

/** Makes a key the active one. The one before verifies for so many milliseconds more. */
export async function activateKeyRow(
  tx: Tx,
  purpose: string,
  id: string,
  passiveMs: number,
): Promise<void> {
  await sql`
    update signing_key
    set state = 'passive', passive_until = now() + make_interval(secs => ${passiveMs / 1000})
    where purpose = ${purpose} and state = 'active' and id <> ${id}
  `.execute(tx);
  await sql`
    insert into signing_key (purpose, id, state, activated_at)
    values (${purpose}, ${id}, 'active', now())
    on conflict (purpose, id) do update
    set state = 'active', activated_at = now(), passive_until = null
  `.execute(tx);
}

/** Ends a key for ever. */
export async function retireKeyRow(tx: Tx, purpose: string, id: string): Promise<void> {
  await sql`
    insert into signing_key (purpose, id, state)
    values (${purpose}, ${id}, 'retired')
    on conflict (purpose, id) do update set state = 'retired', passive_until = null
  `.execute(tx);
}
