import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Client } from "pg";
import { openStorage } from "../../../src/storage/database.ts";
import { createPostgresDatabase, type TestDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { host1, host2 } from "../task/support.ts";
import { openClaims, refused, type TestClaims } from "./support.ts";

describe("a claim that somebody else is changing", () => {
  let database: TestDatabase;
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

  it("makes nobody wait whose it is not", async () => {
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
