import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { Client } from "pg";
import { endOverdue } from "../../../src/commands/task/end-overdue.ts";
import { claimChannel } from "../../../src/storage/credential/claims.ts";
import { openStorage } from "../../../src/storage/database.ts";
import { createPostgresDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { host1, host2 } from "../task/support.ts";
import { newNonce, openClaims, refused, type TestClaims } from "./support.ts";

describe("a claim that somebody else is changing", () => {
  let database: Awaited<ReturnType<typeof createPostgresDatabase>>;
  let claims: TestClaims;
  let client: Client;
  before(async () => {
    const created = await createPostgresDatabase();
    database = created;
    claims = openClaims(await openStorage(created.choice));
    client = new Client({ connectionString: created.choice.url });
    await client.connect();
  });
  after(async () => {
    await client.end();
    await claims.storage.close();
    await database.remove();
  });

  /** Waits until somebody waits for a lock. */
  async function untilBlocked(): Promise<void> {
    const blocked = "select 1 from pg_locks where not granted";
    while ((await client.query(blocked)).rowCount === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it("U41 is not taken by a secret that was replaced after it was looked at", async () => {
    const { claim, token } = await claims.open(host1);
    const other = await claims.open(host1);
    await client.query("begin");
    await client.query(
      `update claim set version = version + 1,
         secret_hash = (select secret_hash from claim where uid = $2) where uid = $1`,
      [claim.uid, other.claim.uid],
    );
    const presented = claims.present(token, claim.jobId);
    const isRefused = assert.rejects(presented, refused);
    await untilBlocked();
    await client.query("commit");
    await isRefused;
    assert.equal((await claims.get(host1, claim.uid)).state, "pending");
    assert.deepEqual(await claims.refusals(host1, claim.uid), ["wrong_secret 1 192.0.2.9"]);
  });

  it("CH9 is told to the other replicas at each change, and at nothing else", async (t) => {
    const replica = new Client({ connectionString: database.choice.url });
    await replica.connect();
    t.after(() => replica.end());
    const heard: string[] = [];
    replica.on("notification", ({ channel }) => heard.push(channel));
    await replica.query(`listen ${claimChannel}`);
    await replica.query("listen marks");
    const tellings = async (deed: () => Promise<unknown>): Promise<number> => {
      await deed().catch(() => undefined);
      await claims.storage.db.transaction().execute((tx) => sql`notify marks`.execute(tx));
      while (!heard.includes("marks")) await once(replica, "notification");
      return heard.splice(0).length - 1;
    };
    const [a, b, c, d] = [
      await claims.open(host1),
      await claims.open(host1),
      await claims.open(host1),
      await claims.open(host1),
    ];
    const nonce = newNonce();
    const { uid: claimId, jobId } = a.claim;
    let { token } = a;
    const deeds: readonly [isTold: boolean, what: string, deed: () => Promise<unknown>][] = [
      [false, "a guess", () => claims.present(b.token, jobId)],
      [false, "a stranger", () => claims.cancel(host2, claimId)],
      [
        true,
        "a new secret",
        async () => ({ token } = await claims.open(host1, { claimId, jobId })),
      ],
      [true, "extended", () => claims.extend(host1, claimId)],
      [true, "claimed", () => claims.present(token, jobId, nonce)],
      [true, "claimed again", () => claims.present(token, jobId, nonce)],
      [false, "refused", () => claims.present(token, jobId)],
      [false, "over", () => claims.report(host1, claimId)],
      [true, "superseded", () => claims.supersede(host1, b.claim.uid)],
      [true, "canceled", () => claims.cancel(host1, c.claim.uid)],
      [false, "canceled again", () => claims.cancel(host1, c.claim.uid)],
      [true, "failed", () => claims.report(host1, d.claim.uid)],
    ];
    for (const [isTold, what, deed] of deeds)
      assert.equal((await tellings(deed)) > 0, isTold, what);
    const late = await claims.open(host1, { ttlMs: 1_000 });
    await claims.pass(late.claim.uid, 1_000);
    assert.ok((await tellings(() => endOverdue(claims.deps))) > 0, "expired");
  });

  it("CH4 makes nobody wait whose it is not", async () => {
    const { claim } = await claims.open(host1);
    await client.query("begin");
    await client.query("select from claim where uid = $1 for update", [claim.uid]);
    try {
      const taken = hasReason("ALREADY_EXISTS", { kind: "claim_id" });
      await assert.rejects(claims.open(host2, { claimId: claim.uid }), taken);
      await assert.rejects(claims.cancel(host2, claim.uid), hasReason("PERMISSION_REQUIRED"));
    } finally {
      await client.query("rollback");
    }
  });
});
