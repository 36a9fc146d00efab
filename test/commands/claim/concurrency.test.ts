import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { endOverdue } from "../../../src/commands/task/end-overdue.ts";
import { DomainError } from "../../../src/domain/errors.ts";
import { openStorage } from "../../../src/storage/database.ts";
import { createPostgresDatabase, type TestDatabase } from "../../support/database.ts";
import { host1 } from "../task/support.ts";
import { newNonce, openClaims, type TestClaims } from "./support.ts";

describe("claims on several replicas of one Postgres", () => {
  let database: TestDatabase;
  let replicas: readonly TestClaims[];
  before(async () => {
    const created = await createPostgresDatabase();
    database = created;
    replicas = await Promise.all(
      [0, 1].map(async (index) =>
        openClaims(await openStorage(created.choice), `192.0.2.${index}`),
      ),
    );
  });
  after(async () => {
    for (const { storage } of replicas) await storage.close();
    await database.remove();
  });
  const replica = (index: number): TestClaims => replicas[index % 2] ?? assert.fail();

  /** What calls that are made at once come to: what the good ones gave, and the reasons of the others. */
  const atOnce = async <T>(calls: readonly Promise<T>[]) => {
    const settled = await Promise.allSettled(calls);
    return {
      good: settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])),
      reasons: settled.flatMap((one) =>
        one.status === "rejected"
          ? [one.reason instanceof DomainError ? one.reason.reason : String(one.reason)]
          : [],
      ),
    };
  };
  const all32 = <T>(call: (on: TestClaims) => Promise<T>) =>
    atOnce(Array.from({ length: 32 }, (_, index) => call(replica(index))));

  it("U41 C15 C22 of 32 workers at once one wins", async () => {
    const { claim, token } = await replica(0).open(host1);
    const { good, reasons } = await all32((on) => on.present(token, claim.jobId));
    assert.equal(good.length, 1);
    assert.deepEqual(new Set(reasons), new Set(["CREDENTIAL_REQUIRED"]));
    assert.equal(reasons.length, 31);
    const now = await replica(1).get(host1, claim.uid);
    assert.deepEqual([now.state, now.taskUid], ["claimed", good[0]?.task.uid]);
    const events = await replica(0).audit(claim.jobId);
    assert.equal(events.filter((event) => event === "claimed").length, 1);
    // The others came with other nonces after it was claimed.
    for (const { bookkeeping } of replicas) await bookkeeping.flush();
    const refusals = await replica(0).refusals(host1, claim.uid);
    const counts = refusals.map((text) => Number(text.split(" ")[1]));
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      31,
    );
    assert.ok(refusals.every((text) => text.startsWith("conflict ")));
  });

  it("U48 CH14 32 calls with one nonce are all answered, of one task, and one token lives", async () => {
    const { claim, token } = await replica(0).open(host1);
    const nonce = newNonce();
    const { good, reasons } = await all32((on) => on.present(token, claim.jobId, nonce));
    assert.deepEqual(reasons, []);
    const uids = new Set(good.map(({ task }) => task.uid));
    assert.equal(uids.size, 1);
    const live = await replica(0).liveTokens([...uids][0] ?? "");
    assert.equal(live.length, 1);
    const ids = good.map(({ credentialId }) => credentialId);
    assert.equal(new Set(ids).size, 32);
    assert.ok(ids.includes(live[0] ?? ""));
    assert.equal((await replica(0).get(host1, claim.uid)).taskCredentialId, live[0]);
  });

  it("U45 present, cancel, supersede, the executor and the deadline at once: one end, of which all agree", async () => {
    for (let round = 0; round < 12; round += 1) {
      const { claim, token } = await replica(0).open(host1, { ttlMs: 1_000 });
      const { uid, jobId } = claim;
      if (round % 3 === 0) await replica(0).pass(uid, 1_000);
      const deeds = {
        claimed: () =>
          replica(0)
            .present(token, jobId)
            .then(() => true),
        canceled: () =>
          replica(1)
            .cancel(host1, uid)
            .then(() => true),
        superseded: () =>
          replica(1)
            .supersede(host1, uid)
            .then(() => true),
        failed: () =>
          replica(0)
            .report(host1, uid)
            .then(({ state }) => state === "failed"),
        expired: () => endOverdue(replica(1).deps).then(() => false),
      };
      const names = Object.keys(deeds) as (keyof typeof deeds)[];
      const order = [...names.slice(round % 5), ...names.slice(0, round % 5)];
      const done = await Promise.all(
        order.map(async (name) => ((await deeds[name]().catch(() => false)) ? [name] : [])),
      );
      const [first, second] = [await replica(0).get(host1, uid), await replica(1).get(host1, uid)];
      assert.deepEqual(first, second);
      const won = done.flat();
      assert.deepEqual(won, first.state === "expired" ? [] : [first.state]);
      assert.equal(first.state === "expired", round % 3 === 0);
      const task = await replica(0)
        .tasks.get(host1, jobId)
        .catch(() => undefined);
      assert.equal(task?.uid, first.state === "claimed" ? first.taskUid : undefined);
    }
  });

  it("U47 of 32 openings of one job one is the pending one", async () => {
    const { good, reasons } = await all32((on) => on.open(host1, { jobId: "contested" }));
    assert.equal(good.length, 1);
    assert.deepEqual(new Set(reasons), new Set(["ALREADY_EXISTS"]));
  });
});
