import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { refusals, type Verdict } from "../../src/credentials/verdict.ts";
import { Freshness } from "../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";

import { makeBot, makeCredential, makeTask } from "./support/fake-credentials.ts";
import { now } from "./support/keys.ts";
import { rawCalls, textOf } from "./support/raw-calls.ts";
import { createState, keys } from "./support/world.ts";
import { callerWorld, identifyCaller, realms, useCallerService } from "./support/caller-service.ts";

describe("IdentifyCaller", () => {
  const { fake, bench, identify, task, malformed } = useCallerService();

  it("tells who it is, by the record and the realm, the same on every wire", async () => {
    const token = fake.admit(task);
    for (const mode of ["now", "later"] as const) {
      fake.mode = mode;
      for (const [wire, { name }] of bench().wires.entries()) {
        bench().records.length = 0;
        const { response, code } = await identify({ token }, keys.scheduler.token, wire);
        assert.equal(code, "ok", name);
        const { assertion, ...rest } = response as Record<string, unknown>;
        assert.match(String(assertion), /^[\w-]+\.[\w-]+\.[\w-]+$/);
        const expires = new Date(now.getTime() + 60_000).toISOString().replace(".000", "");
        assert.deepEqual(rest, {
          caller: {
            identity: "task:t1",
            kind: "CREDENTIAL_KIND_TASK",
            credentialId: task.record.id,
            subjectUid: task.record.subject.uid,
            realm: "acme:tasks",
            botId: "ci-1",
            delegatedUser: "user:ann@example.com",
            permissions: ["fleetgate.tasks.report", "swarming.tasks.get"],
            readScopes: [{ realm: "acme:tasks", trust: "TRUST_TRUSTED", ref: "refs/heads/x" }],
            writeScopes: [{ realm: "acme:tasks", trust: "TRUST_TRUSTED", ref: "refs/heads/x" }],
            taskState: "TASK_STATE_RUNNING",
            generation: 1,
            epoch: "1",
            expiresAt: new Date(task.record.expiresAt).toISOString().replace(".000", ""),
            version: "1",
          },
          cacheFor: "2s",
          cacheForWatching: "30s",
          assertionExpiresAt: expires,
          revisionToken: createState(callerWorld).revisionToken,
        });
        const { caller, peer } = bench().records[0] ?? assert.fail();
        assert.deepEqual([peer, caller], ["service:scheduler", "task:t1"]);
      }
    }
    assert.equal(fake.used.length, 2 * bench().wires.length);
  });

  it("tells of a bot how its runner and its machine fare, and no scopes", async () => {
    const subject = makeBot("ci-1", { pool: "ci", runnerState: "active" });
    const token = fake.admit(makeCredential("session", "ci-1", { subject }));
    const { response } = await identify({ token });
    const { caller } = response as { caller: Record<string, unknown> };
    const { identity, kind, pool, botId, runnerState, instanceState, permissions } = caller;
    assert.deepEqual(
      [identity, kind, pool, botId, runnerState, instanceState, permissions],
      [
        ...["bot:ci-1", "CREDENTIAL_KIND_SESSION", "ci", "ci-1"],
        ...["RUNNER_STATE_ACTIVE", "INSTANCE_STATE_RUNNING", ["fleetgate.urls.sign"]],
      ],
    );
    assert.equal(caller["readScopes"], undefined);
    assert.equal(caller["taskState"], undefined);
  });

  it("lets an answer be kept no longer than anything in it lasts", async () => {
    const at = (ms: number): number => now.getTime() + ms;
    const cases = [
      [{ expiresAt: at(1500) }, {}, "all", 1500, 1500],
      [{}, { deadline: at(700) }, "all", 700, 700],
      [{}, { heldUntil: at(10_000) }, "all", 2000, 10_000],
      [{}, { heldUntil: at(0) }, "all", 0, 0],
      [{}, { deadline: at(5), heldUntil: at(5), reportUntil: at(9000) }, "report", 5, 5],
      [{}, { state: "canceling", heldUntil: at(900) }, "report", 900, 900],
      // Held by nobody: until its deadline it is told as running.
      [{}, { deadline: at(1000), heldUntil: at(0) }, "report", 1000, 1000],
      [{}, { deadline: at(0), heldUntil: at(0), reportUntil: at(9000) }, "report", 2000, 9000],
      [{}, { state: "failed", deadline: at(5), reportUntil: at(9000) }, "report", 2000, 9000],
    ] as const;
    for (const [record, subject, use, alone, watching] of cases) {
      const shown = makeCredential("task", "t1", { ...record, subject: makeTask("t1", subject) });
      const { response } = await identify({ token: fake.admit(shown, use) });
      const { cacheFor, cacheForWatching } = response as Record<string, string>;
      const seconds = [
        Number.parseFloat(cacheFor ?? ""),
        Number.parseFloat(cacheForWatching ?? ""),
      ];
      assert.deepEqual(seconds, [alone / 1000, watching / 1000], JSON.stringify([record, subject]));
    }
  });

  it("asks for all kinds but what is shown to this server alone, and hands on what the request says", async () => {
    await identify({
      ...{ token: "x", audience: "a.b-c_9", wantPermission: "swarming.tasks.get" },
      ...{ targetSubject: "task:t2", freshness: Freshness.BOUNDED },
    });
    const [inquiry] = fake.asked;
    assert.deepEqual(inquiry, {
      ...{
        token: "x",
        accepts: new Set(["boot", "session", "task", "runner"]),
        audience: "a.b-c_9",
      },
      ...{ wantPermission: "swarming.tasks.get", targetSubject: "task:t2", freshness: "bounded" },
      source: "service:scheduler",
    });
  });

  const bytesOf = async (token: string, peer: string): Promise<string[]> => {
    const message = create(identifyCaller.input, { token, audience: "cache" });
    const all = [];
    for (const call of Object.values(rawCalls)) {
      all.push(textOf(await call(bench(), peer, identifyCaller, message)));
    }
    return all;
  };

  it("U10: refuses a token with the same bytes for every cause, and what is right as well to a stranger", async () => {
    const stranger = keys.narrow.token;
    const wanted = await bytesOf("nothing", keys.scheduler.token);
    assert.match(wanted.at(-1) ?? "", /SHOWN_CREDENTIAL_REFUSED/);
    const { record, token } = task;
    for (const why of refusals) {
      for (const known of [undefined, record]) {
        fake.verdicts.set(token, { kind: "refused", why, record: known });
        assert.deepEqual(await bytesOf(token, keys.scheduler.token), wanted, why);
        assert.deepEqual(await bytesOf(token, stranger), wanted, why);
      }
    }
    const right: readonly Verdict[] = [
      { kind: "good", record, use: "all" },
      { kind: "good", record, use: "report" },
      { kind: "not_active", why: "state", record },
      { kind: "mismatch", record },
      { kind: "lacks", record, permission: "a.b.c" },
    ];
    for (const verdict of right) {
      fake.verdicts.set(token, verdict);
      assert.deepEqual(await bytesOf(token, stranger), wanted, verdict.kind);
      const { why, id, caller } = fake.denied.at(-1) ?? assert.fail();
      assert.deepEqual([why, id, caller], ["forbidden_realm", record.id, "service:narrow"]);
      assert.notDeepEqual(await bytesOf(token, keys.scheduler.token), wanted, verdict.kind);
    }
    for (const text of ["", " ", "x".repeat(100_000), "\u0000", "ü"]) {
      assert.deepEqual(await bytesOf(text, keys.scheduler.token), wanted);
    }
  });

  it("U17, LH1: tells a mismatch without a state, and the state of a task only by its right token", async () => {
    const { record, token } = task;
    fake.verdicts.set(token, { kind: "mismatch", record });
    const mismatch = await identify({ token, targetSubject: "task:other" });
    assert.deepEqual([mismatch.code, mismatch.reason], ["permission_denied", "SUBJECT_MISMATCH"]);
    assert.deepEqual(mismatch.metadata, {});
    const subject = makeTask("t1", { state: "timed_out" });
    fake.verdicts.set(token, { kind: "not_active", why: "state", record: { ...record, subject } });
    const over = await identify({ token });
    assert.deepEqual([over.code, over.reason], ["permission_denied", "TASK_NOT_ACTIVE"]);
    assert.deepEqual(over.metadata, { task_state: "timed_out" });
    fake.verdicts.set(token, { kind: "lacks", record, permission: "swarming.tasks.cancel" });
    const lacks = await identify({ token, wantPermission: "swarming.tasks.cancel" });
    assert.equal(lacks.reason, "CREDENTIAL_LACKS_PERMISSION");
    assert.deepEqual(lacks.metadata, { permission: "swarming.tasks.cancel" });
    assert.ok(
      bench().records.every(({ caller }) => caller === ""),
      "U13: no subject in the log",
    );
  });

  it("U32: tells of a task that is to stop that it may report, and nothing else", async () => {
    const subject = makeTask("t1", { state: "canceling" });
    const token = fake.admit({ ...task, record: { ...task.record, subject } }, "report");
    const { caller } = (await identify({ token })).response as { caller: Record<string, unknown> };
    assert.deepEqual(caller["permissions"], ["fleetgate.tasks.report"]);
    assert.equal(caller["readScopes"], undefined);
    assert.equal(caller["writeScopes"], undefined);
    assert.equal(caller["taskState"], "TASK_STATE_CANCELING");
  });

  it("U20: is UNAVAILABLE where nobody can tell, never a refusal", async () => {
    fake.verdicts.set("x", { kind: "unavailable", cause: new Error("down") });
    const reply = await identify({ token: "x" });
    assert.deepEqual([reply.code, reply.reason], ["unavailable", "STORAGE_UNAVAILABLE"]);
    assert.ok(reply.details.some((detail) => detail.startsWith("google.rpc.RetryInfo")));
    fake.verdicts.set("x", { kind: "too_many" });
    assert.equal((await identify({ token: "x" })).reason, "TOO_MANY_ATTEMPTS");
  });

  it("U21: asks strictly on the newest configuration, and cannot tell without it", async () => {
    const token = fake.admit(task);
    const strict = { token, freshness: Freshness.STRICT };
    bench().replica.next = createState(realms("service:other"), 8n);
    assert.equal((await identify(strict)).reason, "SHOWN_CREDENTIAL_REFUSED", "by the newest one");
    assert.equal(fake.asked.at(-1)?.freshness, "strict");
    bench().replica.state = createState(callerWorld);
    bench().replica.failure = new Error("down");
    assert.equal((await identify(strict)).reason, "STORAGE_UNAVAILABLE");
    assert.equal((await identify({ token })).code, "ok", "bounded goes on");
  });

  it("refuses the peer whose own credential has ended while the database was asked", async () => {
    const token = fake.admit(task);
    fake.mode = "later";
    fake.verdicts.set(token, () => {
      bench().replica.state = createState(callerWorld, 8n, []);
      return { kind: "good", record: task.record, use: "all" };
    });
    assert.equal((await identify({ token })).reason, "CREDENTIAL_REQUIRED");
  });

  it("lets a session of a host ask, and no boot token and no task", async () => {
    const token = fake.admit(task);
    const host = fake.admit(makeCredential("session", "host"));
    assert.equal((await identify({ token }, host)).code, "ok");
    for (const kind of ["boot", "task"] as const) {
      const other = fake.admit(makeCredential(kind, "host"));
      assert.equal((await identify({ token }, other)).reason, "CREDENTIAL_REQUIRED", kind);
    }
  });

  it("LH6: is INVALID_FIELD for what the peer itself got wrong, an empty token too, and nothing is looked up", async () => {
    for (const [field, request] of malformed) {
      const reply = await identify(request);
      assert.deepEqual([reply.reason, reply.metadata["field"]], ["INVALID_FIELD", field]);
    }
    assert.equal(fake.asked.length, 0);
  });
});
