import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DomainError, invalidField } from "../../src/domain/errors.ts";
import { parseIdentity } from "../../src/domain/identity.ts";
import { withoutStack } from "../../src/domain/without-stack.ts";
import { toFailure, toConnectError } from "../../src/rpc/errors.ts";
import { aclChecks } from "../../src/rpc/acl/checks.ts";
import { decideCheck } from "../../src/rpc/acl/answer.ts";
import { admit, identify } from "../../src/rpc/admission/admit.ts";
import type { Proof } from "../../src/rpc/admission/authenticate.ts";
import { now } from "./support/keys.ts";
import { createState } from "./support/world.ts";

const state = createState();
const ann = parseIdentity("user:ann@example.com") ?? assert.fail();

function thrownBy(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  return assert.fail("nothing was thrown");
}

const frames = (error: Error): number => (error.stack ?? "").split("\n    at ").length - 1;

const proof: Proof = {
  bearer: { kind: "malformed", why: "malformed" },
  certificate: { kind: "none" },
};

/** What peers can bring about as often as they like. */
const refusals: Readonly<Record<string, () => unknown>> = {
  "a credential that proves nothing": () =>
    identify({
      proof,
      method: "fleetgate.acl.v1.AclService/CheckPoolPerm",
      ...{ state, now, allowAnonymous: false, certificateRules: [] },
    }),
  "a method for others": () => {
    const credential = { kind: "api_key", id: "x" } as const;
    const peer = { identity: ann, credential, expiresAt: Infinity };
    admit(peer, { proof, method: "fleetgate.admin.v1.ConfigService/Get" }, state.snapshot);
  },
  "a caller about whom the peer may not ask": () =>
    decideCheck(
      aclChecks.server,
      { caller: "user:bob@example.com", permission: "a.b.c" } as never,
      { peer: ann, snapshot: state.snapshot, current: state.snapshot },
      undefined,
    ),
  "a malformed field": () => {
    throw invalidField("pool", "must be good");
  },
};

describe("a refusal", () => {
  for (const [cause, refuse] of Object.entries(refusals)) {
    it(`finds out nothing about where it was made, for ${cause}, nor does its error`, () => {
      const error = thrownBy(refuse);
      assert.ok(error instanceof DomainError);
      assert.equal(frames(error), 0);
      assert.equal(frames(toConnectError(error)), 0);
    });
  }

  it("leaves to all other errors what they find out", () => {
    const limit = Error.stackTraceLimit;
    for (const refuse of Object.values(refusals)) thrownBy(refuse);
    assert.throws(() =>
      withoutStack(() => {
        throw new TypeError("while it was made");
      }),
    );
    assert.equal(Error.stackTraceLimit, limit);
    assert.ok(frames(new DomainError("INTERNAL_FAULT", "x")) > 0);
    const fault = new TypeError("a fault of ours");
    assert.equal(toConnectError(toFailure(fault)).cause, fault);
    assert.ok(frames(fault) > 0);
  });
});
