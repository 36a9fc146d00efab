import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { SignUrlRequestSchema } from "../../../src/gen/fleetgate/credential/v1/url_service_pb.ts";
import { signAssertion } from "../../../src/credentials/assertion.ts";
import type { TaskSubject } from "../../../src/domain/credential/subject.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { makeCredential, makeTask } from "../support/fake-credentials.ts";
import { now } from "../support/keys.ts";
import { keys } from "../support/world.ts";
import { at, signUrl, use, useUrlService, verifyUrl } from "../support/url-service.ts";

describe("UrlService", () => {
  const { fake, bench, call, sign, verify, signed, expiry, assertion, seconds } = useUrlService();

  it("signs for a task that the peer identified, and verifies it, the same on every wire", async () => {
    const callerAssertion = assertion();
    for (const [wire, { name }] of bench().wires.entries()) {
      const made = await call(signUrl, { ...use, callerAssertion }, keys.scheduler.token, wire);
      assert.equal(expiry(made), at(600_000), name);
      const { grant } = made.response as { grant: string };
      const verified = await call(verifyUrl, { ...use, grant }, keys.scheduler.token, wire);
      assert.deepEqual(verified.response, {
        ...{ realm: "acme:tasks", identity: "task:t1", subjectUid: makeTask("t1").uid },
        ...{ expiresAt: at(600_000), signedBy: "service:scheduler" },
      });
    }
  });

  it("signs for no task in a realm in which the peer may", async () => {
    const grant = await signed({ realm: "acme:tasks" });
    const { response } = await verify({ grant });
    assert.deepEqual(response, {
      ...{ realm: "acme:tasks", expiresAt: at(600_000), signedBy: "service:scheduler" },
    });
    for (const [realm, peer] of [
      ["acme:tasks", keys.narrow.token],
      ["acme:none", keys.scheduler.token],
      ["acme:none", keys.narrow.token],
    ] as const) {
      const refused = await sign({ realm }, peer);
      assert.equal(refused.reason, "PERMISSION_REQUIRED", realm);
      assert.deepEqual(refused.metadata, { permission: "fleetgate.urls.sign" });
    }
  });

  it("U34, U40: a task signs on its own behalf, if its credential and its realm let it, and nothing that outlives it", async () => {
    const listed = { permissions: ["fleetgate.urls.sign"] };
    const may = fake.admit(makeCredential("task", "t1", listed));
    const { response, code } = await sign({}, may);
    assert.equal(code, "ok");
    const { grant } = response as { grant: string };
    const verified = (await verify({ grant })).response as Record<string, string>;
    assert.deepEqual([verified["identity"], verified["signedBy"]], ["task:t1", "task:t1"]);

    const ceiling = fake.admit(makeCredential("task", "t1", { permissions: ["a.b.c"] }));
    assert.equal((await sign({}, ceiling)).reason, "PERMISSION_REQUIRED");
    const realm = fake.admit(makeCredential("task", "t2", listed));
    assert.equal((await sign({}, realm)).reason, "PERMISSION_REQUIRED");
    for (const [field, request] of [
      ["realm", { realm: "acme:tasks" }],
      ["caller_assertion", { callerAssertion: assertion({}, { peer: "task:t1" }) }],
      ["survive_task", { surviveTask: true }],
    ] as const) {
      const again = fake.admit(makeCredential("task", "t1", listed));
      const refused = await sign(request, again);
      assert.deepEqual([refused.reason, refused.metadata["field"]], ["INVALID_FIELD", field]);
    }
    const reporting = fake.admit(
      makeCredential("task", "t1", { ...listed, subject: makeTask("t1", { state: "canceling" }) }),
      "report",
    );
    assert.equal((await sign({}, reporting)).reason, "TASK_NOT_ACTIVE");
    // A session may sign by its realm; a task may not verify.
    const bot = fake.admit(makeCredential("session", "host"));
    assert.equal((await sign({ realm: "acme:tasks" }, bot)).code, "ok");
    const task = fake.admit(makeCredential("task", "t1", listed));
    assert.equal((await verify({ grant }, task)).reason, "CREDENTIAL_REQUIRED");
    for (const kind of ["boot", "resume"] as const) {
      const low = fake.admit(makeCredential(kind, "host"));
      assert.equal((await sign({ realm: "acme:tasks" }, low)).reason, "CREDENTIAL_REQUIRED");
    }
  });

  it("U61: clamps the life of a grant to what is left of its task, unless it is to outlive it", async () => {
    const cases: readonly [number, Partial<TaskSubject>, boolean, number][] = [
      [30, {}, false, 30_000],
      [3_600, { deadline: now.getTime() + 7_200_000 }, false, 3_600_000],
      [600, { deadline: now.getTime() + 42_000 }, false, 42_000],
      [600, { deadline: now.getTime() + 42_000 }, true, 600_000],
    ];
    for (const [ttl, subject, surviveTask, life] of cases) {
      const callerAssertion = assertion(subject);
      const made = await sign({ ttl: seconds(ttl), callerAssertion, surviveTask });
      assert.equal(expiry(made), at(life));
      const { grant } = made.response as { grant: string };
      assert.equal(expiry(await verify({ grant })), at(life));
      fake.time = now.getTime() + life - 1;
      assert.equal((await verify({ grant })).code, "ok");
      fake.time = now.getTime() + life;
      assert.equal((await verify({ grant })).reason, "SHOWN_CREDENTIAL_REFUSED");
      fake.time = now.getTime();
    }
    const expiring = assertion({}, { record: { expiresAt: now.getTime() + 20_000 } });
    assert.equal(expiry(await sign({ callerAssertion: expiring })), at(20_000));
    const token = fake.admit(
      makeCredential("task", "t1", {
        permissions: ["fleetgate.urls.sign"],
        subject: makeTask("t1", { deadline: now.getTime() + 5_000 }),
      }),
    );
    assert.equal(expiry(await sign({ ttl: seconds(60) }, token)), at(5_000));
  });

  it("refuses requests that say too little or too much, by their field", async () => {
    const callerAssertion = assertion();
    const realm = "acme:tasks";
    const bad: readonly [string, MessageInitShape<typeof SignUrlRequestSchema>][] = [
      ["realm", {}],
      ["realm", { realm, callerAssertion }],
      ["survive_task", { realm, surviveTask: true }],
      ["purpose", { realm, purpose: "" }],
      ["purpose", { realm, purpose: "Cache" }],
      ["purpose", { realm, purpose: "a".repeat(65) }],
      ["method", { realm, method: "" }],
      ["method", { realm, method: "get" }],
      ["method", { realm, method: "A".repeat(17) }],
      ["resource", { realm, resource: "" }],
      ["resource", { realm, resource: "a b" }],
      ["resource", { realm, resource: "ü" }],
      ["resource", { realm, resource: "a\n" }],
      ["resource", { realm, resource: "a".repeat(1025) }],
      ["ttl", { realm, ttl: seconds(0) }],
      ["ttl", { realm, ttl: seconds(3601) }],
      ["ttl", { realm, ttl: seconds(-5) }],
    ];
    for (const [field, request] of bad) {
      const refused = await sign(request);
      const text = JSON.stringify({ ...request, ttl: String(request.ttl?.seconds) });
      assert.deepEqual([refused.reason, refused.metadata["field"]], ["INVALID_FIELD", field], text);
    }
    const longest = { realm, resource: "a".repeat(1024), purpose: "a".repeat(64) };
    assert.ok(await signed({ ...longest, method: "A".repeat(16), ttl: seconds(1) }));
    assert.equal((await verify({ grant: "x", purpose: "Cache" })).metadata["field"], "purpose");
  });

  it("refuses an assertion that proves nothing to this peer, or of who may only report, or of no task", async () => {
    const { record } = makeCredential("session", "host");
    const ofBot = signAssertion(
      fake.area.keyring,
      { record, use: "all", permissions: [], peer: "service:scheduler" as Identity },
      now.getTime(),
    );
    const by = { source: "127.0.0.1", caller: "service:scheduler" };
    for (const [callerAssertion, why, id] of [
      ["nothing", "malformed", undefined],
      [assertion({}, { peer: "service:narrow" }), "audience", "task:t1"],
      [assertion({ deadline: now.getTime() }, { use: "report" }), "state", "task:t1"],
      [ofBot?.text ?? assert.fail(), "wrong_kind", "bot:host"],
      ["x".repeat(100_000), "malformed", undefined],
    ] as const) {
      fake.denied.length = 0;
      assert.equal((await sign({ callerAssertion })).reason, "SHOWN_CREDENTIAL_REFUSED");
      assert.deepEqual(fake.denied, [{ why, id, ...by }], "U71: counted once");
    }
    fake.standing = "ended";
    const old = assertion();
    assert.equal((await sign({ callerAssertion: old })).reason, "SHOWN_CREDENTIAL_REFUSED");
    fake.standing = "unknown";
    assert.equal((await sign({ callerAssertion: old })).reason, "STORAGE_UNAVAILABLE");
    // The realm is that of the assertion: whoever may not sign there is told no more.
    fake.standing = "current";
    const shown = assertion({}, { peer: "service:narrow" });
    const refused = await sign({ callerAssertion: shown }, keys.narrow.token);
    assert.equal(refused.reason, "PERMISSION_REQUIRED");
  });
});
