import assert from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";
import { after, before, beforeEach, describe, it } from "node:test";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { Health } from "../../src/gen/grpc/health/v1/health_pb.ts";
import type { PublicService } from "../../src/rpc/handler.ts";
import { ask, openBench, type Bench } from "./support/bench.ts";
import { exchangeHttp1 } from "./support/exchange.ts";
import { createFakeCredentials, makeCredential } from "./support/fake-credentials.ts";
import { textOf } from "./support/raw-calls.ts";
import { keys } from "./support/world.ts";

const { checkPoolPerm } = AclService.method;
const question = { permission: "swarming.pools.listBots", pool: "ci" };
const publicHealth: PublicService = {
  service: Health,
  register: (router) => router.service(Health, { check: () => ({}) }),
};
const path = "/fleetgate.acl.v1.AclService/CheckPoolPerm";

// Check 2 of the order of credentials.md c.7, one credential in a header of the right shape, and what comes after it. Check 1, the
// gate: test/rpc/closed-gate.test.ts. The checks from 3 on among each other: test/credentials/order-of-checks.test.ts.
describe("the headers of a request", () => {
  const fake = createFakeCredentials();
  let bench: Bench;
  before(async () => {
    const publicServices = [publicHealth];
    bench = await openBench({ credentials: fake.area, publicServices });
  });
  after(() => bench.close());
  beforeEach(() => {
    fake.reset();
    // Nothing of this may cost a look-up.
    fake.mode = "never";
    bench.records.length = 0;
  });

  /** The bytes of the answer to a request with these headers, in which the books are told once, and why. */
  async function refusal(
    ...values: readonly string[]
  ): Promise<readonly [why: string, text: string]> {
    fake.denied.length = 0;
    const reply = await exchangeHttp1(bench.servers.http1, {
      path,
      headers: { authorization: values, "content-type": "application/proto" },
      body: toBinary(checkPoolPerm.input, create(checkPoolPerm.input, question)),
    });
    const [denial, ...others] = fake.denied;
    assert.deepEqual(others, []);
    assert.equal(denial?.source, "127.0.0.1");
    assert.equal(denial.caller, "");
    return [denial.why, textOf(reply)];
  }

  const session = fake.admit(makeCredential("session", "ci-1"));
  const other = fake.admit(makeCredential("session", "ci-2"));
  const resume = makeCredential("resume", "ci-1");

  it("U10, U16, LH6: two credentials in one request, or a good one and an empty one, are refused with the bytes of any refusal, and looked up nowhere", async () => {
    const [, wanted] = await refusal("Bearer nothing");
    assert.match(wanted, /CREDENTIAL_REQUIRED/);
    const good = `Bearer ${session}`;
    for (const second of [
      good,
      `Bearer ${other}`,
      `Bearer ${keys.ann.token}`,
      `Bearer ${resume.token}`,
      "Bearer a.b.c",
      `Bearer ${"x".repeat(40)}`,
      "Basic x",
      "",
    ]) {
      assert.deepEqual(await refusal(good, second), ["several", wanted], second.slice(0, 12));
      assert.deepEqual(await refusal(second, good), ["several", wanted], second.slice(0, 12));
    }
    assert.ok(bench.records.every(({ peer, credential }) => peer === "" && credential === ""));
  });

  it("are looked at before the text of the token: checks 2 and 3", async () => {
    const wrongKind = `Bearer ${resume.token}`;
    const badText = `Bearer ${session}x`;
    assert.equal((await refusal(wrongKind))[0], "wrong_kind");
    assert.equal((await refusal(badText))[0], "malformed");
    assert.equal((await refusal(wrongKind, badText))[0], "several");
    assert.equal((await refusal(badText, wrongKind))[0], "several");
    assert.equal((await refusal(`Basic ${resume.token}`))[0], "malformed");
    assert.equal((await refusal(`Bearer ${resume.token}, ${wrongKind}`))[0], "malformed");
  });

  it("GH10, U72: are counted once when they are refused, whatever speaks to us", async () => {
    for (const { transport, name } of bench.wires) {
      for (const text of ["Basic x", `Bearer ${session}x`, "Bearer", `Bearer ${"y".repeat(31)}`]) {
        fake.denied.length = 0;
        const reply = await ask(transport, checkPoolPerm, question, { authorization: text });
        assert.equal(reply.reason, "CREDENTIAL_REQUIRED", name);
        const denial = { why: "malformed", id: undefined, source: "127.0.0.1", caller: "" };
        assert.deepEqual(fake.denied, [denial], `${name}: ${text.slice(0, 8)}`);
      }
    }
    fake.denied.length = 0;
    const { transport } = bench.wires[0] ?? assert.fail();
    await ask(transport, checkPoolPerm, question);
    assert.deepEqual(fake.denied, [], "no credential is none that was refused");
  });

  it("are nothing to a method that anybody may call: none is refused there, and none counted", async () => {
    fake.denied.length = 0;
    for (const { transport, name } of bench.wires) {
      for (const text of ["Basic x", `Bearer ${session}x`, `Bearer ${resume.token}`]) {
        const reply = await ask(transport, Health.method.check, {}, { authorization: text });
        assert.equal(reply.code, "ok", name);
      }
    }
    assert.deepEqual(fake.denied, []);
  });
});
