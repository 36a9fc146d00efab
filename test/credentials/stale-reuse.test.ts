import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { createRunnerWorld, type RunnerWorld } from "../commands/runner/world.ts";
import { openBookkeeping } from "../../src/credentials/open-bookkeeping.ts";
import { judge } from "../../src/credentials/judge.ts";
import type { CredentialRecord } from "../../src/domain/credential/subject.ts";
import { useDatabase } from "../support/database.ts";

const minute = 60_000;

describe("a rotated token that is shown after its grace (U75)", () => {
  const open = useDatabase();
  let world: RunnerWorld;
  let record: CredentialRecord;
  before(async () => {
    world = createRunnerWorld(await open());
    const { token } = await world.working();
    await world.rotate(token);
    record = await world.record(token);
  });
  const verdictAt = (now: number, of: CredentialRecord = record, usedToo = false) =>
    judge(of, { inquiry: { audience: "cache", usedToo }, snapshot: world.snapshot, now });
  const whyAt = (...at: Parameters<typeof verdictAt>) => {
    const verdict = verdictAt(...at);
    return verdict.kind === "refused" ? verdict.why : verdict.kind;
  };

  it("is good until its last instant, and then told from one that merely expired, also when it was revoked", () => {
    const { expiresAt: end, rotatedAt = NaN } = record;
    assert.deepEqual([whyAt(end - 1), whyAt(end)], ["good", "rotated"]);
    assert.equal(whyAt(end, { ...record, rotatedAt: undefined }), "expired");
    assert.equal(whyAt(end, { ...record, revokedAt: end }), "rotated");
    // Who judges a lost answer by itself lets it in for a minute, and no longer.
    const atOnce = { ...record, expiresAt: rotatedAt };
    const [last, over] = [rotatedAt + minute - 1, rotatedAt + minute];
    assert.deepEqual([whyAt(last, atOnce, true), whyAt(over, atOnce, true)], ["good", "rotated"]);
    assert.equal(whyAt(rotatedAt, atOnce), "rotated");
    // While a gate was closed that minute stood still.
    const inquiry = { audience: "cache", usedToo: true, lostAnswerMs: 5 * minute };
    const later = (now: number) => judge(atOnce, { inquiry, snapshot: world.snapshot, now }).kind;
    const end5 = rotatedAt + 5 * minute;
    assert.deepEqual([later(end5 - 1), later(end5)], ["good", "refused"]);
    const merely = { ...atOnce, rotatedAt: undefined };
    assert.equal(whyAt(last, merely, true), "expired");
  });

  it("raises an alarm: in the audit by the minute, in the metrics, and once a minute and source in the log", async () => {
    const told: (string | undefined)[] = [];
    const books = openBookkeeping(world.storage, {
      everyMs: 0,
      onStaleReuse: ({ actor }) => told.push(actor.source),
    });
    const verdict = verdictAt(record.expiresAt);
    assert.ok(verdict.kind === "refused");
    for (const source of ["192.0.2.8", "192.0.2.8", "192.0.2.9"]) {
      books.denied({ verdict, credentialId: record.id, source, caller: "" });
    }
    await books.flush();
    books.denied({ verdict, credentialId: record.id, source: "192.0.2.8", caller: "" });
    await books.close();
    assert.deepEqual(told, ["192.0.2.8", "192.0.2.9", "192.0.2.8"]);
    const rows = await world.storage.db
      .selectFrom("credential_audit")
      .select(["credential_id", "identity", "reason", "source", "count"])
      .where("event", "=", "stale_token_reuse")
      .orderBy("id")
      .execute();
    const identity = `runner:${record.subject.id}`;
    const row = { credential_id: record.id, identity, reason: "rotated" };
    assert.deepEqual(rows, [
      { ...row, source: "192.0.2.8", count: 2n },
      { ...row, source: "192.0.2.9", count: 1n },
      { ...row, source: "192.0.2.8", count: 1n },
    ]);
    const counted = books.decisions().find(({ reason }) => reason === "rotated");
    const expected = { kind: "runner", code: "unauthenticated", reason: "rotated", count: 4 };
    assert.deepEqual(counted, expected);
  });
});
