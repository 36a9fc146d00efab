import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import {
  UrlService,
  type SignUrlRequestSchema,
  type VerifyUrlRequestSchema,
} from "../../../src/gen/fleetgate/credential/v1/url_service_pb.ts";
import { signAssertion } from "../../../src/credentials/assertion.ts";
import type { CredentialRecord, TaskSubject } from "../../../src/domain/credential/subject.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "../support/bench.ts";
import { createFakeCredentials, makeCredential, makeTask } from "../support/fake-credentials.ts";
import { now } from "../support/keys.ts";
import { rawCalls, textOf } from "../support/raw-calls.ts";
import { binding, createState, keys, usual } from "../support/world.ts";

const { signUrl, verifyUrl } = UrlService.method;

const role = (name: string, permission: string) => ({
  ...{ name: `customRole/${name}`, permissions: [permission], includes: [], unresolved: false },
});

/**
 * In `acme:tasks`, `service:scheduler` and the task t1 may sign, `service:scheduler` may verify, and `service:narrow` neither.
 */
const world = {
  ...usual,
  projects: usual.projects.map((project) => ({
    ...project,
    customRoles: [
      role("identify", "fleetgate.callers.identify"),
      role("sign", "fleetgate.urls.sign"),
    ],
    realms: project.realms.map((realm) => ({
      ...realm,
      bindings:
        realm.name === "tasks"
          ? [
              binding("customRole/identify", "service:scheduler"),
              binding("customRole/sign", "service:scheduler", "task:t1", "bot:host"),
            ]
          : realm.bindings,
    })),
  })),
};

const use = { purpose: "cache.download", method: "GET", resource: "cache/1234" };
const at = (ms: number): string => new Date(now.getTime() + ms).toISOString().replace(".000", "");

describe("UrlService", () => {
  const fake = createFakeCredentials();
  let bench: Bench;
  before(async () => {
    bench = await openBench({ credentials: fake.area });
  });
  after(() => bench.close());
  beforeEach(() => {
    fake.reset();
    bench.replica.state = createState(world);
  });

  const call = <I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    peer: string,
    wire = 0,
  ): Promise<Reply> => {
    const { transport } = bench.wires[wire] ?? assert.fail();
    return ask(transport, method, request, bearer(peer));
  };
  const sign = (
    request: MessageInitShape<typeof SignUrlRequestSchema>,
    peer = keys.scheduler.token,
  ): Promise<Reply> => call(signUrl, { ...use, ...request }, peer);
  const verify = (
    request: MessageInitShape<typeof VerifyUrlRequestSchema>,
    peer = keys.scheduler.token,
  ): Promise<Reply> => call(verifyUrl, { ...use, ...request }, peer);

  async function signed(request: MessageInitShape<typeof SignUrlRequestSchema>): Promise<string> {
    const { response, code, message } = await sign(request);
    assert.equal(code, "ok", message);
    return (response as { grant: string }).grant;
  }
  function expiry({ response, code, message }: Reply): string {
    assert.equal(code, "ok", message);
    return (response as { expiresAt: string }).expiresAt;
  }

  /** What IdentifyCaller gives the scheduler about a task. */
  function assertion(
    subject: Partial<TaskSubject> = {},
    change: { record?: Partial<CredentialRecord>; peer?: string; use?: "all" | "report" } = {},
  ): string {
    const { record } = makeCredential("task", "t1", {
      subject: makeTask("t1", subject),
      ...change.record,
    });
    const peer = (change.peer ?? "service:scheduler") as Identity;
    const wanted = { record, peer, use: change.use ?? "all", permissions: [] } as const;
    const made = signAssertion(fake.area.keyring, wanted, now.getTime());
    return made?.text ?? assert.fail();
  }
  const seconds = (value: number) => ({ seconds: BigInt(value), nanos: 0 });

  it("signs for a task that the peer identified, and verifies it, the same on every wire", async () => {
    const callerAssertion = assertion();
    for (const [wire, { name }] of bench.wires.entries()) {
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
    for (const callerAssertion of [
      "nothing",
      assertion({}, { peer: "service:narrow" }),
      assertion({ deadline: now.getTime() }, { use: "report" }),
      ofBot?.text ?? assert.fail(),
      "x".repeat(100_000),
    ]) {
      assert.equal((await sign({ callerAssertion })).reason, "SHOWN_CREDENTIAL_REFUSED");
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

  it("c.14, U72: tells the books of every grant that is refused, once and why, and the log as well", async () => {
    const grant = await signed({ callerAssertion: assertion() });
    await verify({ grant });
    assert.equal(fake.denied.length, 0);
    const refusals: readonly (readonly [why: string, act: () => Promise<Reply>, by?: string])[] = [
      ["malformed", () => verify({ grant: "nothing" })],
      ["wrong_secret", () => verify({ grant, method: "PUT" })],
      ["forbidden_realm", () => verify({ grant }, keys.narrow.token), "service:narrow"],
      ["expired", () => ((fake.time += 600_000), verify({ grant }))],
      ["state", () => ((fake.standing = "ended"), verify({ grant }))],
      ["unknown", () => ((fake.standing = "unknown"), verify({ grant }))],
      [
        "realm_gone",
        () => ((bench.replica.state = createState({ ...world, projects: [] })), verify({ grant })),
      ],
    ];
    for (const [why, act, caller = "service:scheduler"] of refusals) {
      fake.denied.length = 0;
      [fake.time, fake.standing] = [now.getTime(), "current"];
      bench.records.length = 0;
      await act();
      const told = fake.denied.map((denial) => [denial.why, denial.source, denial.caller]);
      assert.deepEqual(told, [[why, "127.0.0.1", caller]]);
      const { cause, code } = bench.records.at(-1) ?? assert.fail();
      if (code === "unauthenticated") assert.match(String(cause), new RegExp(why));
    }
  });

  it("U10, A31: refuses a grant with the same bytes for every cause, on every wire", async () => {
    const grant = await signed({ callerAssertion: assertion() });
    const elsewhere = await signed({ realm: "acme:tasks" });
    const bytesOf = async (request: object, peer = keys.scheduler.token): Promise<string[]> => {
      const message = create(verifyUrl.input, { ...use, grant, ...request });
      const all = [];
      for (const raw of Object.values(rawCalls)) {
        all.push(textOf(await raw(bench, peer, verifyUrl, message)));
      }
      return all;
    };
    const wanted = await bytesOf({ grant: "nothing" });
    assert.match(wanted.at(-1) ?? "", /SHOWN_CREDENTIAL_REFUSED/);
    assert.notDeepEqual(await bytesOf({}), wanted);
    const [head, , payload, mac] = grant.split(".");
    for (const request of [
      { grant: "" },
      { grant: "x".repeat(100_000) },
      { grant: [head, "other", payload, mac].join(".") },
      { grant: [head, "fake", payload, elsewhere.split(".")[3]].join(".") },
      { purpose: "cache.upload" },
      { method: "PUT" },
      { method: "M-SEARCH" },
      { method: "" },
      { resource: "cache/1235" },
      { resource: "ü\u0000" },
      { resource: "a".repeat(5_000) },
    ]) {
      assert.deepEqual(await bytesOf(request), wanted, JSON.stringify(request).slice(0, 200));
    }
    // A peer that may not identify callers in the realm.
    assert.deepEqual(await bytesOf({}, keys.narrow.token), wanted);
    fake.standing = "ended";
    assert.deepEqual(await bytesOf({}), wanted);
    fake.standing = "current";
    fake.time = now.getTime() + 600_000;
    assert.deepEqual(await bytesOf({}), wanted);
    fake.time = now.getTime();
    // The realm is gone.
    bench.replica.state = createState({
      ...world,
      projects: world.projects.map((project) => ({ ...project, realms: [] })),
    });
    // Also for administrators, who may in every realm that there is.
    assert.deepEqual(await bytesOf({}, keys.root.token), wanted);
  });

  it("U20: is unavailable, never a refusal, where nobody can tell", async () => {
    const grant = await signed({ callerAssertion: assertion() });
    fake.standing = "unknown";
    assert.equal((await verify({ grant })).reason, "STORAGE_UNAVAILABLE");
    fake.standing = "current";
    const elsewhere = grant.replace(".fake.", ".elsewhere.");
    assert.equal((await verify({ grant: elsewhere })).reason, "STORAGE_UNAVAILABLE");
  });
});
