import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, before, beforeEach, describe, it } from "node:test";
import { fromJson, type DescMethodUnary, type JsonObject } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { signAssertion } from "../../src/credentials/assertion.ts";
import type { Keyring } from "../../src/credentials/keyring.ts";
import { defaultSettings } from "../../src/domain/model.ts";
import { parseIdentity } from "../../src/domain/identity.ts";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { InspectService } from "../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { plainKeyring } from "../credentials/support/plain-keyring.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "./support/bench.ts";
import { createFakeCredentials, makeCredential, makeTask } from "./support/fake-credentials.ts";
import { now } from "./support/keys.ts";
import { binding, createState, delegation, group, keys, usual } from "./support/world.ts";

const { method } = AclService;
const permission = "swarming.pools.createTask";
const get = "swarming.tasks.get";
const listed = [permission, get, "swarming.tasks.createInRealm"];

/** Task `t1` may do in pool `ci` and realm `acme:tasks` whatever it lists, and more. */
const world = {
  ...usual,
  groups: [...usual.groups, group("inspectors", ["user:ann@example.com"])],
  projects: usual.projects.map((project) => ({
    ...project,
    realms: project.realms.map((realm) => ({
      ...realm,
      bindings:
        realm.name === "pools/secret"
          ? []
          : [
              ...realm.bindings,
              binding("role/swarming.poolUser", "task:t1"),
              binding("role/swarming.poolViewer", "task:t1"),
              binding("role/swarming.taskTriggerer", "task:t1"),
            ],
    })),
  })),
};

const { record } = makeCredential("task", "t1", { subject: makeTask("t1"), permissions: listed });

describe("an assertion about a caller", () => {
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

  const sign = (
    peer = "service:scheduler",
    permissions: readonly string[] = listed,
    keyring: Keyring = fake.area.keyring,
  ): string => {
    const identity = parseIdentity(peer) ?? assert.fail();
    const wanted = { record, use: "all", permissions, peer: identity } as const;
    return signAssertion(keyring, wanted, fake.time)?.text ?? assert.fail();
  };

  const check = (
    asked: JsonObject,
    peer = keys.scheduler.token,
    wire = 0,
    of: DescMethodUnary = method.checkPoolPerm,
  ): Promise<Reply> => {
    const { transport } = bench.wires[wire] ?? assert.fail();
    const request = of === method.checkPoolPerm ? { permission, pool: "ci", ...asked } : asked;
    return ask(transport, of, fromJson(of.input, request) as never, bearer(peer));
  };
  const reasonOf = async (asked: JsonObject, peer?: string): Promise<string> =>
    (await check(asked, peer)).reason;
  const about = (callerAssertion: string, caller = "task:t1") => ({ caller, callerAssertion });

  it("lets a peer with a delegation ask about the task, on every wire", async () => {
    for (const [wire, { name }] of bench.wires.entries()) {
      const good = about(sign());
      assert.equal((await check(good, undefined, wire)).code, "ok", name);
      const secret = await check({ ...good, pool: "secret" }, undefined, wire);
      assert.equal(secret.reason, "PERMISSION_DENIED", name);
      assert.equal(secret.metadata["caller"], "task:t1");
    }
  });

  it("is wanted beside the delegation, and the delegation beside it", async () => {
    assert.equal(await reasonOf(about("")), "ON_BEHALF_OF_FORBIDDEN");
    const ann = about(sign("user:ann@example.com"));
    assert.equal(await reasonOf(ann, keys.ann.token), "ON_BEHALF_OF_FORBIDDEN");
    const narrow = about(sign("service:narrow"));
    assert.equal(await reasonOf(narrow, keys.narrow.token), "ON_BEHALF_OF_FORBIDDEN");
    const delegations = [delegation("narrow", { callerGlobs: ["task:*"] })];
    const only = { ...defaultSettings, delegations };
    bench.replica.state = createState({ ...world, settings: only });
    assert.equal(await reasonOf(narrow, keys.narrow.token), "", "a delegation about tasks");
  });

  it("is not wanted of the task itself", async () => {
    const token = fake.admit(makeCredential("task", "t1", { permissions: listed }));
    assert.equal(await reasonOf({ caller: "task:t1" }, token), "");
    assert.equal(await reasonOf({}, token), "");
    assert.equal(await reasonOf({ caller: "task:t2" }, token), "ON_BEHALF_OF_FORBIDDEN");
  });

  it("is good for the peer that identified the caller, and for nobody else", async () => {
    assert.equal(await reasonOf(about(sign("service:narrow"))), "ON_BEHALF_OF_FORBIDDEN");
    assert.equal(await reasonOf(about(sign("service:schedulers"))), "ON_BEHALF_OF_FORBIDDEN");
  });

  it("is about its caller: shown with another question, nothing is answered", async () => {
    for (const caller of ["task:t2", "task:T1", "user:ann@example.com", "bot:t1", ""]) {
      assert.equal(await reasonOf(about(sign(), caller)), "ON_BEHALF_OF_FORBIDDEN", caller);
    }
    assert.equal(await reasonOf({ caller: "user:ann@example.com" }), "", "without one it may");
  });

  it("U34: does not shed the ceiling: what it does not list, nobody may ask", async () => {
    const beyond = { ...about(sign()), permission: "swarming.pools.listBots" };
    assert.equal(await reasonOf(beyond), "ON_BEHALF_OF_FORBIDDEN");
    assert.equal(await reasonOf({ ...about(sign(undefined, [])) }), "ON_BEHALF_OF_FORBIDDEN");
  });

  it("U55: is dead at its last instant", async () => {
    const text = sign();
    fake.time = now.getTime() + 59_999;
    assert.equal(await reasonOf(about(text)), "");
    fake.time = now.getTime() + 60_000;
    assert.equal(await reasonOf(about(text)), "ON_BEHALF_OF_FORBIDDEN");
  });

  it("is dead when the task may do less since, and nobody can tell when that is not known", async () => {
    fake.standing = "ended";
    assert.equal(await reasonOf(about(sign())), "ON_BEHALF_OF_FORBIDDEN");
    fake.standing = "unknown";
    assert.equal(await reasonOf(about(sign())), "CHECK_UNAVAILABLE");
  });

  it("U71, U72: is counted when it is refused, with why, once however often one batch shows it", async () => {
    const by = { source: "127.0.0.1", caller: "service:scheduler" };
    const refusals = [
      ["x", "task:t1", "malformed", undefined],
      [sign("service:narrow"), "task:t1", "audience", "task:t1"],
      [sign(), "task:t2", "subject_mismatch", "task:t1"],
      [sign(undefined, undefined, plainKeyring(["fake", "another"])), "task:t1", "wrong_secret"],
    ] as const;
    for (const [text, caller, why, id] of refusals) {
      const asked = about(text, caller);
      for (const wire of bench.wires.keys()) {
        fake.denied.length = 0;
        assert.equal((await check(asked, undefined, wire)).reason, "ON_BEHALF_OF_FORBIDDEN");
        assert.deepEqual(fake.denied, [{ why, id, ...by }], why);
      }
      fake.denied.length = 0;
      const one = { pool: { permission, pool: "ci", ...asked } };
      await check({ checks: [one, one] }, undefined, 0, method.batchCheck);
      assert.deepEqual(fake.denied, [{ why, id, ...by }], why);
    }
    fake.denied.length = 0;
    assert.equal(await reasonOf(about(sign())), "");
    assert.deepEqual(fake.denied, []);
  });

  it("is refused when a sign of it is another one, or it was made otherwise", async () => {
    const text = sign();
    const [head = "", payload = "", mac = ""] = text.split(".");
    const encode = (json: unknown): string =>
      Buffer.from(JSON.stringify(json)).toString("base64url");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as JsonObject;
    const header = { alg: "HS256", kid: "fake", typ: "fleetgate-caller+jwt" };
    const others = [
      ...[
        `${encode({ ...header, alg: "none" })}.${payload}.`,
        `${encode({ alg: "none" })}.${payload}.`,
      ],
      ...[`${encode({ ...header, alg: "none" })}.${payload}.${mac}`, `${head}.${payload}.`],
      `${encode({ ...header, kid: "other" })}.${payload}.${mac}`,
      `${encode({ ...header, jwk: {} })}.${payload}.${mac}`,
      `${head}.${encode({ ...claims, perms: ["swarming.pools.listBots"] })}.${mac}`,
      `${head}.${encode({ ...claims, exp: 9e9 })}.${mac}`,
      ...[`${text}.`, ` ${text}`, `${text}=`, "x", "..", "x".repeat(100_000)],
      sign(undefined, undefined, plainKeyring(["fake", "of somebody else"])),
      sign(undefined, undefined, {
        ...fake.area.keyring,
        sign: (_purpose, textFor) => fake.area.keyring.sign("url", textFor),
      }),
    ];
    for (const other of others) {
      assert.equal(await reasonOf(about(other)), "ON_BEHALF_OF_FORBIDDEN", other.slice(0, 60));
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.constantFrom("A", "z", "_", ".", " "), async (at, sign) => {
        const place = at % text.length;
        const changed = text.slice(0, place) + sign + text.slice(place + 1);
        if (changed === text) return;
        assert.equal(await reasonOf(about(changed)), "ON_BEHALF_OF_FORBIDDEN");
      }),
      { numRuns: 60 },
    );
    const elsewhere = sign(undefined, undefined, plainKeyring(["elsewhere", "of the tests"]));
    assert.equal(await reasonOf(about(elsewhere)), "CHECK_UNAVAILABLE", "its key is not here yet");
  });

  it("is taken by every method that names a caller, by batches, and by explanations alike", async () => {
    const pools = ["ci"];
    const questions: readonly (readonly [DescMethodUnary, string, JsonObject])[] = [
      [method.checkServerPerm, "server", { permission }],
      [method.checkPoolPerm, "pool", { permission, pool: "ci" }],
      [method.checkAllPoolsPerm, "allPools", { permission, pools }],
      [method.checkAnyPoolsPerm, "anyPools", { permission, pools }],
      [method.filterPoolsByPerm, "filterPools", { permission, pools }],
      [method.checkTaskPerm, "task", { permission: get, task: { taskId: "t", pool: "ci" } }],
      [method.checkBotPerm, "bot", { permission, botId: "ci-1" }],
      [method.checkCreateInRealm, "createInRealm", { realm: "acme:tasks" }],
      [method.batchCheckPacked, "", { permission, pools: { names: pools } }],
    ];
    const named = AclService.methods.filter(({ input }) => "callerAssertion" in input.field);
    assert.deepEqual(
      new Set(questions.map(([of]) => of.name)),
      new Set(named.map(({ name }) => name)),
    );
    const text = sign();
    const batch = [];
    for (const [of, name, question] of questions) {
      const without = { ...question, caller: "task:t1" };
      const forbidden = await check(without, undefined, 0, of);
      assert.equal(forbidden.reason, "ON_BEHALF_OF_FORBIDDEN", of.name);
      const asked = { ...without, callerAssertion: text };
      const { reason } = await check(asked, undefined, 0, of);
      assert.ok(reason === "" || reason === "PERMISSION_DENIED", of.name);
      if (name === "") continue;
      batch.push({ [name]: asked }, { [name]: without });
      for (const [one, wanted] of [
        [asked, reason],
        [without, "ON_BEHALF_OF_FORBIDDEN"],
      ] as const) {
        const { explain } = InspectService.method;
        const explained = await check({ [name]: one }, undefined, 0, explain);
        const { outcome } = (explained.response ?? {}) as { outcome?: { details?: Info[] } };
        assert.equal(explained.reason || (outcome?.details?.[0]?.reason ?? ""), wanted, of.name);
      }
    }
    const { response } = await check({ checks: batch }, undefined, 0, method.batchCheck);
    const { outcomes } = response as { outcomes: { status?: { details?: Info[] } }[] };
    const reasons = outcomes.map(({ status }) => status?.details?.[0]?.reason ?? "");
    for (const [at, reason] of reasons.entries()) {
      if (at % 2 === 1) assert.equal(reason, "ON_BEHALF_OF_FORBIDDEN");
      else assert.ok(reason === "" || reason === "PERMISSION_DENIED", reason);
    }
  });

  it("proves nothing where the server keeps no credentials", async () => {
    const bare = await openBench();
    try {
      bare.replica.state = createState(world);
      const { transport } = bare.wires[0] ?? assert.fail();
      const request = { permission, pool: "ci", ...about(sign()) };
      const reply = await ask(
        transport,
        method.checkPoolPerm,
        request,
        bearer(keys.scheduler.token),
      );
      assert.equal(reply.reason, "ON_BEHALF_OF_FORBIDDEN");
    } finally {
      await bare.close();
    }
  });
});

interface Info {
  readonly reason?: string;
}
