import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sql } from "kysely";
import { verifyLog } from "../../../src/commands/change/verify-log.ts";
import { useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { makeGroup, openTestLog } from "./support.ts";

const open = useDatabase();
const whole = { firstRevision: 0n, lastRevision: 0n };
const { signal } = new AbortController();

describe("verifyLog", () => {
  it("finds that the chain holds", async () => {
    const log = await openTestLog(await open());
    const { firstRevision, lastRevision, changes, faults, revisionToken } = await verifyLog(
      log.deps,
      whole,
      signal,
    );
    assert.deepEqual([firstRevision, lastRevision, changes, faults], [1n, 2n, 2n, []]);
    assert.equal(revisionToken, log.state().revisionToken);
  });

  it("finds what somebody changed behind its back", async () => {
    const log = await openTestLog(await open());
    await log.editGroups([makeGroup("new")]);
    await sql`update change_item set key = 'other' where revision = 3`.execute(log.storage.db);
    const { faults, changes } = await verifyLog(log.deps, whole, signal);
    assert.deepEqual([faults.map(({ revision }) => revision), changes], [[3n], 2n]);
    const before = await verifyLog(log.deps, { ...whole, lastRevision: 2n }, signal);
    assert.deepEqual(before.faults, []);
  });

  it("still verifies a database that this process does not follow", async () => {
    const log = await openTestLog(await open());
    await sql`update database set database_id = gen_random_uuid()`.execute(log.storage.db);
    const { changes, revisionToken } = await verifyLog(log.deps, whole, signal);
    assert.equal(changes, 2n);
    assert.notEqual(revisionToken, log.state().revisionToken);
  });

  it("runs once at a time", async () => {
    const log = await openTestLog(await open());
    const first = verifyLog(log.deps, whole, signal);
    await assert.rejects(
      verifyLog(log.deps, whole, signal),
      hasReason("LIMIT_EXCEEDED", { limit: "verifications" }),
    );
    await first;
    await verifyLog(log.deps, whole, signal);
  });

  it("ends when its caller goes away, and can begin again", async () => {
    const log = await openTestLog(await open());
    const gone = new AbortController();
    const first = verifyLog(log.deps, whole, gone.signal);
    const reason = new Error("gone");
    gone.abort(reason);
    await assert.rejects(first, reason);
    await verifyLog(log.deps, whole, signal);
  });

  for (const [field, input] of [
    ["first_revision", { firstRevision: -1n, lastRevision: 0n }],
    ["last_revision", { firstRevision: 0n, lastRevision: -1n }],
    ["last_revision", { firstRevision: 3n, lastRevision: 2n }],
  ] as const) {
    it(`refuses ${field} in ${input.firstRevision} to ${input.lastRevision}`, async () => {
      const log = await openTestLog(await open());
      await assert.rejects(
        verifyLog(log.deps, input, signal),
        hasReason("INVALID_FIELD", { field }),
      );
    });
  }
});
