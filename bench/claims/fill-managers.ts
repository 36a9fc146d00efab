import { randomBytes, randomUUID } from "node:crypto";
import { sql } from "kysely";
import { mintToken } from "../../src/commands/credential/mint-token.ts";
import { openStorage } from "../../src/storage/database.ts";
import { administrator, realm } from "../credentials/world.ts";

/** Makes runners with so many managers in all, by SQL, as Enroll leaves them, and returns the runner tokens. */
export async function fillManagers(
  url: string,
  of: { readonly managers: number; readonly runners: number },
): Promise<readonly string[]> {
  const runnerUids = Array.from({ length: of.runners }, () => randomUUID());
  const made = Array.from({ length: of.managers }, (_, index) => {
    const { id, token, secretHash } = mintToken({ randomBytes }, "runner");
    const uid = runnerUids[index % of.runners] ?? "";
    return { id, token, uid, hash: Buffer.from(secretHash).toString("hex"), systemId: `s${index}` };
  });
  const uids = sql`${made.map(({ uid }) => uid)}::uuid[]`;
  const ids = sql`${made.map(({ id }) => id)}::text[]`;
  const hashes = sql`${made.map(({ hash }) => hash)}::text[]`;
  const systemIds = sql`${made.map(({ systemId }) => systemId)}::text[]`;
  const storage = await openStorage({ kind: "postgres", url });
  try {
    await storage.db.transaction().execute(async (tx) => {
      await sql`
        insert into subject (uid, kind, subject_id, realm, state, max_managers, created_by)
        select uid, 'runner', 'filled-' || uid, ${realm}, 'active', 10000, ${administrator}
        from unnest(${sql`${runnerUids}::uuid[]`}) as runner (uid)
      `.execute(tx);
      await sql`
        insert into credential (id, kind, subject_uid, generation, secret_hash, system_id, expires_at, issued_by)
        select id, 'runner', uid, 1, decode(hash, 'hex'), system_id, now() + interval '1 day', ${administrator}
        from unnest(${ids}, ${uids}, ${hashes}, ${systemIds}) as token (id, uid, hash, system_id)
      `.execute(tx);
      await sql`
        insert into manager (runner_uid, system_id, credential_id, enrolled_by)
        select uid, system_id, id, 'filled-by-bench-'
        from unnest(${ids}, ${uids}, ${systemIds}) as token (id, uid, system_id)
      `.execute(tx);
    });
    await storage.exec("analyze");
    return made.map(({ token }) => token);
  } finally {
    await storage.close();
  }
}
