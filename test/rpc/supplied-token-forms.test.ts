import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { isSuppliedToken } from "../../src/credentials/shown-token.ts";
import type { Identity } from "../../src/domain/identity.ts";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { CallerService } from "../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import type { JwtOutcome } from "../../src/identity/jwt-outcome.ts";
import { ask, bearer, openBench, type Bench } from "./support/bench.ts";
import { createFakeCredentials, makeCredential } from "./support/fake-credentials.ts";
import { createState, keys, usual } from "./support/world.ts";

const { checkPoolPerm } = AclService.method;
const { identifyCaller } = CallerService.method;
const question = { permission: "swarming.pools.listBots", pool: "ci" };

describe("a token that a forge made, in a form that is read otherwise as a bearer", () => {
  const fake = createFakeCredentials();
  let bench: Bench;
  let outcome: JwtOutcome = { kind: "refused", why: "no issuer of these is configured" };
  before(async () => {
    const verifyJwt = () => Promise.resolve(outcome);
    const identity = { verifyJwt, certificateRules: [], certificateOf: () => none };
    bench = await openBench({ credentials: fake.area, identity });
  });
  after(() => bench.close());
  const none = { kind: "none" } as const;
  beforeEach(() => {
    fake.reset();
    bench.records.length = 0;
    bench.replica.state = createState(usual);
  });
  const { record } = makeCredential("task", "t1", { permissions: [question.permission] });
  const jwt = `${"a".repeat(20)}.${"b".repeat(40)}.${"c".repeat(40)}`;
  const unprintable = `${"a".repeat(40)}"#$`;
  const first = () => (bench.wires[0] ?? assert.fail()).transport;

  it("identifies the task to who is shown it", async () => {
    for (const token of [jwt, unprintable]) {
      assert.ok(isSuppliedToken(token), "it may be registered");
      fake.admit({ record, token });
      const shown = { token, audience: "cache" };
      const reply = await ask(first(), identifyCaller, shown, bearer(keys.root.token));
      assert.equal(
        (reply.response as { caller?: { identity: string } }).caller?.identity,
        "task:t1",
      );
    }
  });

  it("never is a peer of ours, and nobody looks it up as one", async () => {
    for (const token of [jwt, unprintable]) {
      fake.admit({ record, token });
      fake.mode = "never";
      const reply = await ask(first(), checkPoolPerm, question, bearer(token));
      assert.equal(reply.reason, "CREDENTIAL_REQUIRED");
    }
  });

  it("is whom a configured issuer says, if it is a JWT, and not the task", async () => {
    fake.admit({ record, token: jwt });
    const identity = "user:ann@example.com" as Identity;
    outcome = { kind: "verified", identity, issuer: "https://forge.example", expiresAt: Infinity };
    await ask(first(), checkPoolPerm, question, bearer(jwt));
    assert.equal(bench.records.at(-1)?.peer, identity);
    assert.deepEqual(fake.asked, []);
  });
});
