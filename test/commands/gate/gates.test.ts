import assert from "node:assert/strict";
import { before, beforeEach, it } from "node:test";
import { sql } from "kysely";
import { acquireGate, type AcquireGateInput } from "../../../src/commands/gate/acquire-gate.ts";
import type { GateDeps } from "../../../src/commands/gate/deps.ts";
import { listGates } from "../../../src/commands/gate/list-gates.ts";
import { releaseGate } from "../../../src/commands/gate/release-gate.ts";
import { renewGate } from "../../../src/commands/gate/renew-gate.ts";
import {
  createGateKeeper,
  gatePollMs,
  type GateKeeper,
} from "../../../src/credentials/gate-keeper.ts";
import { readLiveGates } from "../../../src/storage/credential/gates.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { quickTimeoutMs } from "../../../src/storage/storage.ts";
import { onPostgres } from "../../support/database.ts";

const actor = { caller: "user:admin@example.com", source: "10.0.0.1", requestId: "r-1" };
const usual = { leaseMs: undefined, exclusive: false, reason: "" } as const;

onPostgres((_name, openTestStorage) => {
  let storage: Storage;
  // Two processes over one database: one by which gates are held, and another.
  let keeper: GateKeeper;
  let elsewhere: GateKeeper;
  let deps: GateDeps;
  before(async () => {
    storage = await openTestStorage();
  });
  beforeEach(async () => {
    await storage.exec("truncate gate; truncate credential_audit");
    const open = (): GateKeeper =>
      createGateKeeper({
        readGates: async () => (await storage.quick(readLiveGates)).gates,
        ...{ databaseNow: Date.now, random: Math.random, ignored: false },
      });
    keeper = open();
    elsewhere = open();
    deps = { storage, gates: keeper, identifier: { databaseNow: Date.now } };
  });

  const acquire = (
    area: AcquireGateInput["area"],
    holder: string,
    changes: Partial<AcquireGateInput> = {},
  ) => acquireGate(deps, actor, { ...usual, area, holder, ...changes });
  const names = async (): Promise<readonly string[]> =>
    (await listGates(deps)).map(({ area, holder }) => `${area} ${holder}`);
  const closedBy = (who: GateKeeper) =>
    who.status().flatMap(({ area, closed }) => (closed ? [area] : []));
  /** Has the lease of a holder be over. */
  const lapse = (holder: string): Promise<unknown> =>
    sql`update gate set lease_until = clock_timestamp() where holder = ${holder}`.execute(
      storage.db,
    );
  const audit = async (): Promise<readonly object[]> => {
    const rows = storage.db.selectFrom("credential_audit").selectAll().orderBy("id");
    return (await rows.execute()).map(({ event, caller, reason, detail }) => ({
      ...{ event, caller, reason, holder: detail["holder"], area: detail["area"] },
    }));
  };

  it("closes here before the answer and elsewhere with the next look, and opens alike (U73)", async () => {
    const began = Date.now();
    const { gate, inForceAt } = await acquire("issue", "migration/7", { reason: "new index" });
    assert.deepEqual(closedBy(keeper), ["issue"]);
    // A read may have begun just before, and the one after the next pause is the first that sees it.
    assert.ok(inForceAt.getTime() >= began + 2 * quickTimeoutMs + gatePollMs);
    assert.equal(gate.leaseUntil.getTime() - gate.acquiredAt.getTime(), 60_000);
    const { acquiredAt: _at, leaseUntil: _until, ...rest } = gate;
    assert.deepEqual(rest, {
      ...{ area: "issue", holder: "migration/7", reason: "new index", exclusive: false },
      acquiredBy: actor.caller,
    });
    await elsewhere.refresh();
    assert.deepEqual(closedBy(elsewhere), ["issue"]);
    await releaseGate(deps, actor, { area: "issue", holder: "migration/7" });
    assert.deepEqual(closedBy(keeper), []);
    await elsewhere.refresh();
    assert.deepEqual(closedBy(elsewhere), []);
  });

  it("is renewed by its holder, by either call, and stays acquired when it was", async () => {
    const { gate: first } = await acquire("fleet", "m", { leaseMs: 10_000 });
    const { gate: again } = await acquire("fleet", "m", { leaseMs: 20_000, reason: "still" });
    const renewed = await renewGate(deps, { area: "fleet", holder: "m", leaseMs: 600_000 });
    assert.deepEqual(again.acquiredAt, first.acquiredAt);
    assert.deepEqual(renewed.acquiredAt, first.acquiredAt);
    assert.equal(renewed.reason, "still");
    assert.ok(again.leaseUntil.getTime() >= first.leaseUntil.getTime() + 10_000);
    assert.ok(renewed.leaseUntil.getTime() >= again.leaseUntil.getTime() + 580_000);
    assert.deepEqual(await names(), ["fleet m"]);
  });

  it("is lost when its lease ran out: renewing is NOT_FOUND, and the row goes with the next one that comes (L3)", async () => {
    await acquire("issue", "gone");
    await lapse("gone");
    await elsewhere.refresh();
    assert.deepEqual(closedBy(elsewhere), []);
    assert.deepEqual(await names(), []);
    await assert.rejects(renewGate(deps, { ...usual, area: "issue", holder: "gone" }), {
      reason: "NOT_FOUND",
      metadata: { kind: "gate", name: "gone", area: "issue" },
    });
    await acquire("issue", "next", { exclusive: true });
    const { rows } = await sql`select holder from gate`.execute(storage.db);
    assert.deepEqual(rows, [{ holder: "next" }]);
  });

  it("may be held by several, unless one wants it for itself; `all` overlaps both", async () => {
    const rival = (name: string, area: string, exclusive: boolean) => ({
      reason: "ALREADY_EXISTS",
      metadata: { kind: "gate", name, area, exclusive: String(exclusive) },
    });
    await acquire("issue", "a");
    await acquire("issue", "b");
    await acquire("all", "c");
    await acquire("fleet", "d");
    assert.deepEqual(await names(), ["all c", "fleet d", "issue a", "issue b"]);
    await assert.rejects(acquire("issue", "e", { exclusive: true }), rival("c", "all", false));
    await assert.rejects(acquire("issue", "a", { exclusive: true }), rival("c", "all", false));
    for (const [area, holder] of [
      ["issue", "a"],
      ["issue", "b"],
      ["all", "c"],
    ] as const) {
      await releaseGate(deps, actor, { area, holder });
    }
    await acquire("issue", "e", { exclusive: true });
    await assert.rejects(acquire("issue", "f"), rival("e", "issue", true));
    await assert.rejects(acquire("all", "f"), rival("e", "issue", true));
    await assert.rejects(acquire("all", "f", { exclusive: true }), { reason: "ALREADY_EXISTS" });
    // What does not overlap is free, and so is everything for the holder itself.
    await acquire("fleet", "f");
    await acquire("issue", "e", { exclusive: true });
    await acquire("fleet", "e");
    await lapse("e");
    await acquire("issue", "f", { exclusive: true });
  });

  it("is given to one of many who want it for themselves at once", async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => acquire("all", `m${index}`, { exclusive: true })),
    );
    assert.equal(tries.filter(({ status }) => status === "fulfilled").length, 1);
    for (const one of tries) {
      if (one.status === "rejected") assert.match(String(one.reason), /is held by/);
    }
  });

  it("is released as often as one likes, and told in the audit when it begins and ends (c.14)", async () => {
    await acquire("issue", "a", { reason: "why" });
    await acquire("issue", "a", { reason: "why" });
    await renewGate(deps, { ...usual, area: "issue", holder: "a" });
    for (let count = 0; count < 2; count += 1) {
      await releaseGate(deps, actor, { area: "issue", holder: "a" });
    }
    await acquire("fleet", "b");
    await lapse("b");
    await acquire("all", "c");
    await lapse("c");
    await releaseGate(deps, actor, { area: "all", holder: "c" });
    const { caller } = actor;
    assert.deepEqual(await audit(), [
      { event: "gate_acquired", caller, reason: "why", holder: "a", area: "issue" },
      { event: "gate_released", caller, reason: "why", holder: "a", area: "issue" },
      { event: "gate_acquired", caller, reason: null, holder: "b", area: "fleet" },
      { event: "gate_lapsed", caller: null, reason: null, holder: "b", area: "fleet" },
      { event: "gate_acquired", caller, reason: null, holder: "c", area: "all" },
      { event: "gate_lapsed", caller, reason: null, holder: "c", area: "all" },
    ]);
  });

  it("is renewed while other writes hang at tables that a migration has locked, those about other gates too", async () => {
    await acquire("fleet", "m");
    await acquire("fleet", "other");
    const locked = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    const migration = storage.db.transaction().execute(async (tx) => {
      await sql`lock table subject, credential, credential_event, credential_audit, hold`.execute(
        tx,
      );
      locked.resolve();
      await done.promise;
    });
    await locked.promise;
    await renewGate(deps, { ...usual, area: "fleet", holder: "m" });
    await acquire("fleet", "m");
    await elsewhere.refresh();
    assert.deepEqual(closedBy(elsewhere), ["fleet"]);
    // What these do is for the audit. They must not wait for it with something in hand that the first one's renewal wants.
    try {
      await assert.rejects(acquire("issue", "n"), { reason: "WRITE_CONFLICT" });
      const other = { area: "fleet", holder: "other" } as const;
      await assert.rejects(releaseGate(deps, actor, other), { reason: "WRITE_CONFLICT" });
    } finally {
      done.resolve();
    }
    await migration;
  });

  it("wants an area, a holder and a lease that can be", async () => {
    const bad: readonly [string, Partial<AcquireGateInput>][] = [
      ["area", { area: undefined }],
      ["holder", { holder: "" }],
      ["holder", { holder: "a b" }],
      ["holder", { holder: "x".repeat(129) }],
      ["lease", { leaseMs: 9_999 }],
      ["lease", { leaseMs: 600_001 }],
      ["lease", { leaseMs: NaN }],
      ["reason", { reason: "x".repeat(1001) }],
    ];
    for (const [field, changes] of bad) {
      await assert.rejects(
        acquire("issue", "h", changes),
        (error: { reason?: string; metadata?: Record<string, string> }) =>
          error.reason === "INVALID_FIELD" && error.metadata?.["field"] === field,
        field,
      );
    }
    await acquire("issue", `09AZaz_-.:@/${"x".repeat(116)}`, { leaseMs: 10_000 });
    assert.deepEqual((await names()).length, 1);
  });
});
