import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, it } from "node:test";
import { sweep } from "../../../src/commands/credential/sweep.ts";
import { endOverdue } from "../../../src/commands/task/end-overdue.ts";
import { hasReason } from "../../support/errors.ts";
import { onPostgres } from "../../support/database.ts";
import { host1, host2, manager, outsider, root, stranger } from "../task/support.ts";
import { openClaims, refused, terms, type TestClaims } from "./support.ts";

const notTheirs = hasReason("PERMISSION_REQUIRED", { permission: "fleetgate.tasks.manage" });
const illegal = hasReason("ILLEGAL_TRANSITION");

onPostgres((_, open) => {
  let claims: TestClaims;
  before(async () => {
    claims = openClaims(await open());
  });

  it("C18 U45 the deadline ends it, and what is told stays so", async () => {
    const { claim, token } = await claims.open(host1, { ttlMs: 1_000 });
    await claims.pass(claim.uid, 1_000);
    await assert.rejects(claims.present(token, claim.jobId), refused);
    const told = await claims.get(host1, claim.uid);
    assert.deepEqual([told.state, told.endedAt], ["expired", told.deadline]);
    await assert.rejects(claims.extend(host1, claim.uid), illegal);
    assert.deepEqual(await claims.get(host1, claim.uid), told);
    assert.deepEqual(await claims.audit(claim.jobId), ["issued claim", "claim_ended expired"]);
    assert.deepEqual(await claims.refusals(host1, claim.uid), ["over 1 192.0.2.9"]);
  });

  it("C18 U70 the step writes down what nobody asked for, and wipes and removes it when it is due", async () => {
    const { claim } = await claims.open(host1);
    await claims.pass(claim.uid, 600_000);
    const before = claims.book.read().outcomes.expired;
    await endOverdue(claims.deps);
    assert.equal(claims.book.read().outcomes.expired, before + 1);
    const row = () =>
      claims.storage.db
        .selectFrom("claim")
        .select(["state", "secret_hash"])
        .where("uid", "=", claim.uid)
        .executeTakeFirst();
    assert.equal((await row())?.state, "expired");
    for (const [ms, isThere, hasSecret] of [
      [23 * 3_600_000, true, true],
      [3_600_000, true, false],
      [6 * 86_400_000 - 60_000, true, false],
      [60_000, false, false],
    ] as const) {
      await claims.pass(claim.uid, ms);
      await sweep(claims.storage, { auditMs: 86_400_000, wait: true });
      const left = await row();
      assert.deepEqual(
        [left !== undefined, left !== undefined && left.secret_hash !== null],
        [isThere, hasSecret],
      );
    }
  });

  it("U44 U61 extends while pending alone, and for 7 days at most", async () => {
    const { claim } = await claims.open(host1);
    const later = await claims.extend(host1, claim.uid, 86_400_000);
    assert.ok(later.deadline > claim.deadline);
    const earlier = await claims.extend(host1, claim.uid, 1_000);
    assert.ok(earlier.deadline < claim.deadline);
    await claims.extend(host1, claim.uid, 86_400_000);
    await claims.pass(claim.uid, 80_000_000);
    for (let days = 0; days < 7; days += 1) {
      await claims.extend(host1, claim.uid, 86_400_000);
      await claims.pass(claim.uid, 80_000_000);
    }
    const last = await claims.extend(manager, claim.uid, 86_400_000).catch(() => undefined);
    const now = last ?? (await claims.get(host1, claim.uid));
    assert.ok(now.deadline <= now.openedAt + 7 * 86_400_000);
    for (const ttlMs of ["none", -1, 0, 999, 86_400_001, NaN] as const) {
      const bad = hasReason("INVALID_FIELD", { field: "ttl" });
      await assert.rejects(() => claims.extend(host1, claim.uid, ttlMs), bad);
    }
  });

  it("U47 CH3 a job has one pending claim: another one needs a supersede", async () => {
    const { claim, token } = await claims.open(host1);
    const { jobId } = claim;
    const pending = { kind: "claim", name: claim.uid };
    await assert.rejects(claims.open(host1, { jobId }), hasReason("ALREADY_EXISTS", pending));
    // Whose it is none of is not told which.
    const nameless = { kind: "claim", name: "" };
    await assert.rejects(claims.open(host2, { jobId }), hasReason("ALREADY_EXISTS", nameless));
    const next = await claims.supersede(host1, claim.uid);
    assert.equal(next.claim.payload, claim.payload);
    await assert.rejects(claims.present(token, jobId), refused);
    const old = await claims.get(host1, claim.uid);
    assert.deepEqual([old.state, old.supersededBy], ["superseded", next.claim.uid]);
    // Its answer may have been lost: the same call again has another token.
    const again = await claims.supersede(host1, claim.uid, next.claim.uid);
    assert.equal(again.claim.uid, next.claim.uid);
    await assert.rejects(claims.present(next.token, jobId), refused);
    await assert.rejects(claims.supersede(host1, claim.uid), illegal);
    await claims.present(again.token, jobId);
    await assert.rejects(claims.supersede(host1, claim.uid, next.claim.uid), illegal);
    const taken = { kind: "task", name: jobId };
    await assert.rejects(claims.open(host1, { jobId }), hasReason("ALREADY_EXISTS", taken));
  });

  it("opens once more with the same claim id: the secret before is dead", async () => {
    const said = { claimId: randomUUID(), jobId: "again", terms: terms({ audiences: ["cache"] }) };
    const first = await claims.open(host1, said);
    const second = await claims.open(host1, said);
    assert.deepEqual(
      [second.claim.uid, second.claim.credentialId, second.claim.deadline],
      [first.claim.uid, first.claim.credentialId, first.claim.deadline],
    );
    await assert.rejects(claims.present(first.token, "again"), refused);
    const used = hasReason("ALREADY_EXISTS", { kind: "claim_id", name: said.claimId });
    for (const other of [{ jobId: "other" }, { terms: terms() }, { payload: "else" }]) {
      await assert.rejects(claims.open(host1, { ...said, ...other }), used);
    }
    await assert.rejects(claims.open(host2, said), used);
    await claims.present(second.token, "again");
    await assert.rejects(claims.open(host1, said), used);
  });

  it("CH7 C19 fails when its executor is done, with its words or without any", async () => {
    for (const [said, error] of [
      ["", "executor_exited"],
      ["no capacity", "no capacity"],
    ] as const) {
      const { claim, token } = await claims.open(host1);
      const failed = await claims.report(host1, claim.uid, said);
      assert.deepEqual([failed.state, failed.error], ["failed", error]);
      await assert.rejects(claims.present(token, claim.jobId), refused);
    }
  });

  it("shows and lets be changed to its opener and to managers; to all others it is not there", async () => {
    const { claim } = await claims.open(host1);
    for (const who of [host2, stranger, outsider]) {
      for (const uid of [claim.uid, randomUUID()]) {
        await assert.rejects(claims.get(who, uid), notTheirs);
        await assert.rejects(claims.extend(who, uid), notTheirs);
        await assert.rejects(claims.supersede(who, uid), notTheirs);
        await assert.rejects(claims.cancel(who, uid), notTheirs);
        await assert.rejects(claims.report(who, uid), notTheirs);
      }
    }
    await assert.rejects(claims.get(root, randomUUID()), hasReason("NOT_FOUND"));
    for (const who of [host1, manager, root]) {
      assert.equal((await claims.get(who, claim.uid)).uid, claim.uid);
    }
    assert.equal((await claims.cancel(manager, claim.uid)).state, "canceled");
  });

  it("CH1 opens nothing for who may not register the task, or says what is no good", async () => {
    const may = { permission: "fleetgate.tasks.register" };
    for (const [who, realm] of [
      [stranger, "acme:ci"],
      [outsider, "acme:ci"],
      [host1, "acme:other"],
      [host1, "acme:gone"],
    ] as const) {
      if (realm === "acme:gone") {
        await assert.rejects(claims.open(who, { realm }), hasReason("INVALID_FIELD"));
      } else
        await assert.rejects(claims.open(who, { realm }), hasReason("PERMISSION_REQUIRED", may));
    }
    const bad = {
      claim_id: { claimId: "x" },
      job_id: { jobId: "a b" },
      ttl: { ttlMs: 86_400_001 },
      executor: { executor: "x".repeat(257) },
      payload: { payload: "\n" },
      terms: { terms: undefined },
      "terms.trust": { terms: terms({ trust: undefined }) },
      "terms.time_limit": { terms: terms({ timeLimitMs: undefined }) },
      "terms.dependencies[0]": { terms: terms({ dependencies: ["no-such-task"] }) },
    };
    for (const [field, said] of Object.entries(bad)) {
      await assert.rejects(claims.open(host1, said), hasReason("INVALID_FIELD", { field }));
    }
    const ann = terms({ delegatedUser: "user:ann@example.com" });
    const forbidden = hasReason("ON_BEHALF_OF_FORBIDDEN");
    await assert.rejects(claims.open(host2, { terms: ann }), forbidden);
    await claims.open(host1, { terms: ann });
  });

  it("lists the newest first, page by page, to each opener its own", async () => {
    const opened: string[] = [];
    for (const who of [host2, host1, host2]) {
      opened.unshift((await claims.open(who, { jobId: `l-${opened.length}` })).claim.uid);
    }
    const deps = claims.deps as { replica: unknown };
    deps.replica = { current: () => ({ tokenKey: new Uint8Array(32), databaseId: "d" }) };
    const uids = async (...[who, input]: Parameters<TestClaims["list"]>) =>
      (await claims.list(who, input)).claims.map(({ uid }) => uid);
    const mine = [opened[0], opened[2]];
    assert.deepEqual(
      (await uids(host2)).filter((uid) => opened.includes(uid)),
      mine,
    );
    const first = await claims.list(manager, { pageSize: 2 });
    const { nextPageToken: pageToken } = first;
    const second = await claims.list(manager, { pageSize: 1, pageToken });
    assert.deepEqual(
      [...first.claims, ...second.claims].map(({ uid }) => uid),
      opened,
    );
    assert.deepEqual(await uids(manager, { jobId: "l-1" }), [opened[1]]);
    await assert.rejects(claims.list(stranger), hasReason("PERMISSION_REQUIRED"));
    await claims.cancel(host1, opened[1] ?? "");
    assert.deepEqual(await uids(manager, { jobId: "l-1" }), []);
    assert.deepEqual(await uids(manager, { jobId: "l-1", showEnded: true }), [opened[1]]);
  });
});
