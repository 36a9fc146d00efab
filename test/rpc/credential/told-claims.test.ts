import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createToldClaims, toldAgainMs } from "../../../src/rpc/credential/told-claims.ts";
import type { ClaimRecord } from "../../../src/storage/credential/claims.ts";

const claim = (uid: string, version: bigint, state: ClaimRecord["state"] = "pending") =>
  ({ uid, version, state }) as ClaimRecord;

describe("what a watch of claims tells", () => {
  it("tells each at once, each change once, and what is known for sure again after a while", () => {
    let now = 0;
    const told = createToldClaims([claim("a", 1n), claim("b", 1n, "claimed")], () => now);
    const uids = (isSure: boolean) => told.due(isSure).map(({ uid }) => uid);
    assert.equal(told.isOver(), false);
    assert.deepEqual(uids(false), ["a", "b"]);
    assert.deepEqual(uids(true), []);
    now = toldAgainMs;
    assert.deepEqual(uids(false), [], "while the database is away nothing is known for sure");
    assert.deepEqual(uids(true), ["a", "b"]);
    told.note([claim("a", 3n, "expired"), claim("a", 2n), claim("c", 9n)]);
    assert.equal(told.isOver(), false, "it is not told yet");
    assert.deepEqual(
      told.due(false).map(({ uid, state }) => [uid, state]),
      [["a", "expired"]],
    );
    assert.equal(told.isOver(), true);
  });
});
