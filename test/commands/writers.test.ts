import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyConfig } from "../../src/commands/apply-config.ts";
import type { CommandDeps } from "../../src/commands/deps.ts";
import { maxWriters } from "../../src/storage/transaction.ts";
import { useDatabase } from "../support/database.ts";
import { hasReason } from "../support/errors.ts";
import { admin, applyInput, createTestCommands } from "./support.ts";

const open = useDatabase();

const apply = (deps: CommandDeps, name: string) =>
  applyConfig(deps, admin, applyInput(`groups: [{ name: ${name} }]`, { source: name }));

describe("writers that wait for their turn", () => {
  it("leave it when nobody waits for them any more, are bounded, and lose nothing else", async () => {
    const storage = await open();
    const { deps } = await createTestCommands(storage);
    const locked = Promise.withResolvers<undefined>();
    const release = Promise.withResolvers<undefined>();
    // Another process writes, and takes its time.
    const other = storage.db.transaction().execute(async (tx) => {
      await tx.selectFrom("database").select("revision").forUpdate().execute();
      locked.resolve(undefined);
      await release.promise;
    });
    await locked.promise;

    const first = apply(deps, "first");
    const controller = new AbortController();
    const gone = new Error("the peer went away");
    const leaving = apply({ ...deps, signal: controller.signal }, "leaving");
    const waiting = Array.from({ length: maxWriters - 2 }, (_, index) => apply(deps, `g${index}`));
    await assert.rejects(apply(deps, "refused"), hasReason("LIMIT_EXCEEDED", { limit: "writers" }));
    controller.abort(gone);
    await assert.rejects(leaving, gone);
    const late = apply({ ...deps, signal: controller.signal }, "late");
    await assert.rejects(late, gone);
    const last = apply(deps, "last");

    release.resolve(undefined);
    await Promise.all([other, first, ...waiting, last]);
    await deps.replica.refresh();
    const { groups } = deps.replica.current()?.snapshot ?? assert.fail();
    assert.equal(groups.groupCount, maxWriters);
    for (const name of ["first", "last"]) assert.ok(groups.entry(name), name);
    for (const name of ["leaving", "late", "refused"]) assert.equal(groups.entry(name), undefined);
  });
});
