import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { signAssertion } from "../../../src/credentials/assertion.ts";
import { callerRights } from "../../../src/credentials/caller-info.ts";
import type { Keyring } from "../../../src/credentials/keyring.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { atRevision } from "../../../src/engine/snapshot.ts";
import { CallerInfoSchema } from "../../../src/gen/fleetgate/credential/v1/subject_pb.ts";
import { toCallerInfo } from "../../../src/rpc/credential/caller-message.ts";
import { createKnownCallers, maxKnownBytes } from "../../../src/rpc/credential/known-callers.ts";
import { SelfEncoded } from "../../../src/rpc/status/binary-text.ts";
import { plainKeyring } from "../../credentials/support/plain-keyring.ts";
import { makeBot, makeCredential, makeTask } from "../support/fake-credentials.ts";
import { now } from "../support/keys.ts";
import { createState, usual } from "../support/world.ts";

const start = now.getTime();
const records = [
  makeCredential("task", "t1", { permissions: ["swarming.tasks.get"] }),
  makeCredential("task", "t1", { subject: makeTask("t1", { version: 2n, defaultRef: "ü" }) }),
  makeCredential("task", "t2", { expiresAt: start + 1500 }),
  makeCredential("task", "t3", { subject: makeTask("t3", { deadline: start + 1500 }) }),
  makeCredential("session", "b1", { subject: makeBot("b1", { epoch: 2n ** 40n }) }),
].map(({ record }) => record);
const snapshots = [usual, { ...usual, projects: [] }].map((world) => createState(world).snapshot);
const peers = ["service:a", "service:b"] as Identity[];

/** What a keyring signs with, and how often it did. */
function countingKeyring(): { readonly keyring: Keyring; readonly signed: () => number } {
  let count = 0;
  const keyring = plainKeyring(["k1", "callers"]);
  const sign: Keyring["sign"] = (...given) => {
    count += 1;
    return keyring.sign(...given);
  };
  return { keyring: { ...keyring, sign }, signed: () => count };
}

describe("callers that are known", () => {
  it("are told of as if each were told of for the first time", () => {
    const keyrings = ["k1", "k2"].map((keyId) => plainKeyring([keyId, "callers"]));
    const step = fc.record({
      record: fc.constantFrom(...records),
      use: fc.constantFrom("all", "report"),
      snapshot: fc.constantFrom(...snapshots),
      peer: fc.constantFrom(...peers),
      keyring: fc.constantFrom(...keyrings, plainKeyring()),
      at: fc.constantFrom(0, 1, 999, 1000, 1400, 1500, 1999, 2000),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }),
        fc.array(step, { maxLength: 12 }),
        (max, steps) => {
          const known = createKnownCallers(max);
          for (const { record, use, snapshot, peer, keyring, at } of steps) {
            const { info, assertion } = known.find(
              { kind: "good", record, use },
              snapshot,
              start + at,
            );
            const rights = callerRights(record, use, snapshot);
            const wanted = create(CallerInfoSchema, toCallerInfo(record, rights, start + at));
            assert.deepEqual(create(CallerInfoSchema, info), wanted);
            assert.ok(info instanceof SelfEncoded);
            assert.deepEqual(
              Buffer.from(info.binary(), "latin1"),
              Buffer.from(toBinary(CallerInfoSchema, wanted)),
            );
            const { permissions } = rights;
            const fresh = { record, use, permissions, peer };
            const proof = assertion(keyring, peer, start + at);
            const signed = signAssertion(keyring, fresh, start + at);
            assert.equal(proof.assertion, signed?.text);
            const seconds = proof.assertionExpiresAt?.seconds;
            assert.equal(seconds, signed && BigInt(signed.expiresAt / 1000));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  const [record = assert.fail(), , ...others] = records;
  const [other = assert.fail(), third = assert.fail(), fourth = assert.fail()] = others;
  const [snapshot = assert.fail(), another = assert.fail()] = snapshots;
  const [peer = assert.fail()] = peers;
  const find = (known: ReturnType<typeof createKnownCallers>, of = record, on = snapshot) =>
    known.find({ kind: "good", record: of, use: "all" }, on, start);

  it("have nothing signed again within a second", () => {
    const { keyring, signed } = countingKeyring();
    const known = createKnownCallers();
    for (const at of [0, 1, 999]) find(known).assertion(keyring, peer, start + at);
    assert.equal(signed(), 1);
    find(known).assertion(keyring, peer, start + 1000);
    assert.equal(signed(), 2);
  });

  it("go when others came that were asked for since", () => {
    const known = createKnownCallers(2);
    const first = find(known);
    find(known, other);
    assert.equal(find(known), first, "asked for again");
    find(known, other);
    find(known, third);
    assert.notEqual(find(known), first);
  });

  it("go with groups and policy, and stay at a revision that changes neither", () => {
    const known = createKnownCallers();
    const first = find(known);
    const later = atRevision(snapshot, snapshot.revision + 1n);
    assert.equal(find(known, record, later), first);
    const next = find(known, record, another);
    assert.notEqual(next, first);
    assert.notEqual(find(known, record, later), first, "nothing of an older one is kept");
    assert.notEqual(find(known, record, later), find(known, record, later), "nor learnt");
    assert.equal(find(known, record, another), next);
    // A restored database may count from less again.
    const restored = createState(usual, 1n).snapshot;
    assert.equal(find(known, record, restored), find(known, record, restored));
  });

  it("take their own place when they are read again, and push out no others", () => {
    const known = createKnownCallers(4);
    const first = find(known, other);
    // As many as it holds: one more would push out the first two.
    for (const one of [third, record, fourth]) find(known, one);
    let last = find(known, record);
    for (let count = 0; count < 9; count += 1) {
      const again = { ...record };
      const next = find(known, again);
      assert.notEqual(next, last, "it may say something else");
      assert.equal(find(known, again), next);
      last = next;
    }
    assert.equal(find(known, other), first);
  });

  it("are not kept where much is to be said of them", () => {
    const known = createKnownCallers();
    const said = (length: number) => {
      const realm = "r".repeat(length);
      return makeCredential("session", "b1", { subject: { ...makeBot("b1"), realm } }).record;
    };
    const rest = Buffer.from(find(known, said(4000)).info.binary(), "latin1").length - 4000;
    for (const [length, isKept] of [
      [maxKnownBytes - rest, true],
      [maxKnownBytes - rest + 1, false],
    ] as const) {
      const long = said(length);
      const first = find(known, long);
      assert.equal(first.info.binary().length <= maxKnownBytes, isKept);
      assert.equal(find(known, long) === first, isKept);
    }
  });
});
