import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { RunnerSubject } from "../../../src/domain/credential/subject.ts";
import { RunnerService } from "../../../src/gen/fleetgate/credential/v1/runner_service_pb.ts";
import { ask, bearer, openBench, type Bench } from "../support/bench.ts";
import { createFakeCredentials, makeBot, makeCredential } from "../support/fake-credentials.ts";
import { allServices, unaryMethods } from "../support/services.ts";
import { keys } from "../support/world.ts";

const { heartbeat, enroll } = RunnerService.method;

// The bench has no database: whatever asked one would fail.
describe("what managers call, as far as memory tells it", () => {
  const fake = createFakeCredentials();
  let bench: Bench;
  before(async () => {
    bench = await openBench({ credentials: fake.area });
  });
  after(() => bench.close());
  beforeEach(() => fake.reset());
  const first = () => (bench.wires[0] ?? assert.fail()).transport;
  const { generation, epoch, realm, version, uid } = makeBot("r1");
  const subject: RunnerSubject = {
    ...{ kind: "runner", id: "r1", uid, generation, epoch, realm, version },
    ...{ pool: undefined, deleted: false, paused: true },
  };
  const runner = makeCredential("runner", "r1", { subject, systemId: "m1" });

  it("a heartbeat asks no database, and says when again, whether it is paused, and until when (L8, L18)", async () => {
    const { response } = await ask(first(), heartbeat, {}, bearer(fake.admit(runner)));
    const { nextIn, paused, expiresAt } = response as Record<string, unknown>;
    assert.deepEqual(
      [nextIn, paused, Date.parse(String(expiresAt))],
      ["60s", true, runner.record.expiresAt],
    );
  });

  it("a heartbeat by anything but a runner token is refused, before it is looked up (L10, L15)", async () => {
    const others = (["boot", "session", "task", "enroll"] as const).map((kind) =>
      fake.admit(makeCredential(kind, "r1")),
    );
    for (const token of [...others, keys.scheduler.token]) {
      const { reason } = await ask(first(), heartbeat, {}, bearer(token));
      assert.equal(reason, "CREDENTIAL_REQUIRED");
    }
    assert.deepEqual(fake.asked, []);
  });

  it("nothing but a heartbeat says that the machine lives, by its own token or by that of its job (L15, L27, L28, L29)", async () => {
    const task = makeCredential("task", "t1", { permissions: ["fleetgate.urls.sign"] });
    const tokens = [fake.admit(runner), fake.admit(task), keys.scheduler.token];
    for (const service of await allServices()) {
      for (const method of unaryMethods(service)) {
        if (method === heartbeat) continue;
        for (const token of tokens) await ask(first(), method, {}, bearer(token));
      }
    }
    assert.deepEqual(fake.heard, []);
    await ask(first(), heartbeat, {}, bearer(fake.admit(runner)));
    assert.deepEqual(
      fake.heard.map(({ systemId }) => systemId),
      ["m1"],
    );
  });

  it("a heartbeat with more than may be said is refused", async () => {
    const info = { name: "x".repeat(129) };
    const { reason } = await ask(first(), heartbeat, { info }, bearer(fake.admit(runner)));
    assert.equal(reason, "INVALID_FIELD");
  });

  it("an enrolment is counted by what became of it, not by what was shown (LH2, U72)", async () => {
    const before = fake.area.bookkeeping.runners.read().enrolments;
    const token = fake.admit(makeCredential("enroll", "r1", { subject }));
    await ask(first(), enroll, { systemId: "", nonce: "x" }, bearer(token));
    await ask(first(), enroll, {}, bearer(fake.admit(runner)));
    // Who came by something else than an enrolment token was not let in.
    await ask(first(), enroll, {}, bearer(keys.scheduler.token));
    const { enrolments } = fake.area.bookkeeping.runners.read();
    assert.deepEqual(enrolments, { ...before, failed: before.failed + 1 });
    // By its command alone, as the gate could not tell.
    assert.deepEqual([fake.used.length, fake.denied.map(({ why }) => why)], [1, ["wrong_kind"]]);
  });
});
