import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { sql } from "kysely";
import { retentionMs } from "../../../src/storage/credential/sweep-rules.ts";
import { sweepCredentials } from "../../../src/storage/credential/sweep.ts";
import { useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import {
  host1,
  host2,
  keyring,
  oldKeyring,
  openTasks,
  outsider,
  root,
  type TestTasks,
} from "./support.ts";

/** A token as a forge makes it. */
const forgeToken = (): string => `forge-${randomUUID()}-canary`;

describe("on Postgres", () => {
  const open = useDatabase();
  let tasks: TestTasks;
  before(async () => {
    tasks = openTasks(await open());
  });

  describe("a token that a forge made", () => {
    it("is stored as its hash under the newest lookup key, and in no other form anywhere", async () => {
      const token = forgeToken();
      const registered = await tasks.register(host1, { token });
      assert.equal(registered.token, undefined, "it is not shown again");
      const row = await tasks.storage.db
        .selectFrom("credential")
        .selectAll()
        .where("id", "=", registered.credentialId)
        .executeTakeFirstOrThrow();
      const [newest] = keyring.lookupHashes(token).hashes;
      assert.equal(Buffer.from(row.lookup_hash ?? []).toString("hex"), newest?.hash);
      assert.deepEqual([row.lookup_key, row.secret_hash], ["k2", null]);
      const minted = (await tasks.register(host1)).token ?? assert.fail();
      const secret = minted.slice(24, 67);
      const dump = await dumpAll(tasks);
      assert.ok(dump.includes(registered.task.id), "the dump has what it should have");
      for (const text of [token, minted, secret]) {
        assert.ok(!dump.includes(text));
        assert.ok(!dump.includes(Buffer.from(text).toString("hex")));
        assert.ok(!dump.includes(Buffer.from(text).toString("base64")));
      }
    });

    it("is one credential for all who hold the task with it (A14, A16)", async () => {
      const said = { taskId: "shared", token: forgeToken() };
      const first = await tasks.register(host1, { ...said, permissions: ["a.b.c"] });
      const second = await tasks.register(host2, { ...said, permissions: ["a.b.c", "a.b.d"] });
      assert.equal(second.credentialId, first.credentialId);
      assert.equal(second.task.holds, 2);
      const again = { ...said, holdId: randomUUID() };
      await tasks.register(host1, again);
      assert.equal((await tasks.register(host1, again)).credentialId, first.credentialId);
      const { permissions } = await tasks.storage.db
        .selectFrom("credential")
        .select("permissions")
        .where("id", "=", first.credentialId)
        .executeTakeFirstOrThrow();
      assert.deepEqual(permissions, ["a.b.c", "fleetgate.tasks.report"], "as at first");
      assert.deepEqual(await tasks.events(first.task.uid), []);
    });

    it("is found under the key that it was stored by, while there is a newer one (U50, U52)", async () => {
      const said = { taskId: "rotated", token: forgeToken() };
      const before = await openTasks(tasks.storage, oldKeyring).register(host1, said);
      const after = await tasks.register(host2, said);
      assert.equal(after.credentialId, before.credentialId);
      const elsewhere = tasks.register(host2, { token: said.token });
      await assert.rejects(elsewhere, hasReason("ALREADY_EXISTS"));
    });

    it("is one task's: another is told ALREADY_EXISTS, and not whose it is", async () => {
      const token = forgeToken();
      const { task, credentialId } = await tasks.register(host1, { token });
      const registering = tasks.register(outsider, { taskId: "thief", realm: "acme:other", token });
      await assert.rejects(registering, (error: unknown) => {
        assert.ok(hasReason("ALREADY_EXISTS", { kind: "token", name: "" })(error));
        const text = JSON.stringify([error, String(error)]);
        for (const secret of [task.id, task.uid, task.realm, credentialId, token]) {
          assert.ok(!text.includes(secret));
        }
        return true;
      });
      await assert.rejects(tasks.get(root, "thief"), hasReason("NOT_FOUND"));
      // Nor is it the same task's that was created anew (U49).
      await tasks.storage.db
        .updateTable("subject")
        .set({ deleted_at: new Date() })
        .where("uid", "=", task.uid)
        .execute();
      const anew = tasks.register(host1, { taskId: task.id, token });
      await assert.rejects(anew, hasReason("ALREADY_EXISTS", { kind: "token" }));
    });

    it("stays revoked, also after a day, while its task goes on", async () => {
      const said = { taskId: "revoked", token: forgeToken() };
      const { credentialId } = await tasks.register(host1, said);
      await tasks.storage.db
        .updateTable("credential")
        .set({ revoked_at: new Date(Date.now() - 2 * retentionMs.credentials) })
        .where("id", "=", credentialId)
        .execute();
      await sweepCredentials(tasks.storage, { auditMs: 90 * 24 * 3_600_000, wait: true });
      const again = tasks.register(host2, said);
      await assert.rejects(again, hasReason("INVALID_FIELD", { field: "token" }));
      await tasks.register(host2, { ...said, token: "" });
    });

    it("needs a lookup key", async () => {
      const without = openTasks(tasks.storage, {
        lookupHashes: () => ({ hashes: [], isComplete: true }),
      });
      const registering = without.register(host1, { taskId: "keyless", token: forgeToken() });
      await assert.rejects(registering, hasReason("KEY_NOT_READY", { purpose: "lookup" }));
      await assert.rejects(tasks.get(root, "keyless"), hasReason("NOT_FOUND"));
      await without.register(host1);
    });

    it("is not taken where a key is lacking by which it may be another task's, or revoked", async () => {
      const token = forgeToken();
      await tasks.register(host1, { taskId: "by-newest", token });
      const lacking = openTasks(tasks.storage, {
        lookupHashes: (text) => ({ ...oldKeyring.lookupHashes(text), isComplete: false }),
      });
      const registering = lacking.register(host1, { taskId: "by-old", token });
      await assert.rejects(registering, hasReason("KEY_NOT_READY", { purpose: "lookup" }));
      await lacking.register(host1);
    });

    const good = "x".repeat(32);
    const tokens: readonly [string, string, boolean][] = [
      ["of 32 characters", good, true],
      ["of 31 characters", good.slice(1), false],
      ["of 512 characters", "~".repeat(512), true],
      ["of 513 characters", "~".repeat(513), false],
      ["with a space", `${good} `, false],
      ["with a newline", `${good}\n`, false],
      ["with a letter beyond ASCII", `${good}ä`, false],
      ["that looks like ours", `fg1_${good}`, false],
    ];
    for (const [what, token, isGood] of tokens) {
      it(`${isGood ? "may" : "must not"} be one ${what}`, async () => {
        const registering = tasks.register(host1, { token });
        if (isGood) await registering;
        else await assert.rejects(registering, hasReason("INVALID_FIELD", { field: "token" }));
        await registering.catch((error: unknown) => assert.ok(!String(error).includes(token)));
      });
    }
  });
});

/** Every row of every table, as text. */
async function dumpAll({ storage }: TestTasks): Promise<string> {
  const { rows: tables } = await sql<{ readonly name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE'
  `.execute(storage.db);
  const texts = [];
  for (const { name } of tables) {
    const { rows } = await sql<{ readonly row: string }>`
      select t::text as row from ${sql.table(name)} t
    `.execute(storage.db);
    texts.push(...rows.map(({ row }) => row));
  }
  return texts.join("\n");
}
