import assert from "node:assert/strict";
import { it } from "node:test";
import type { applyConfig } from "../../../src/commands/apply-config.ts";
import { validateConfig } from "../../../src/commands/validate-config.ts";
import { loadIn } from "../../../src/replica/load.ts";
import { stateAt } from "../../../src/replica/state-at.ts";
import type { ReplicaState } from "../../../src/replica/state.ts";
import { pruneItems } from "../../../src/storage/history/prune-items.ts";
import { verifyChanges } from "../../../src/storage/history/verify-changes.ts";
import { inReadTransaction } from "../../../src/storage/transaction.ts";
import { onPostgres } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { describeState } from "../../replica/snapshot-file/support/states.ts";
import { applyInput, createTestCommands } from "../support.ts";
import { groupOf, revisionOf, update } from "./live-support.ts";
import { owner, root } from "./support.ts";
import { begin, files, hour, managed, owners, until } from "./take-over-support.ts";

const leftAlone = `group "managed" is taken over until ${until} by "${root}": left alone`;
const warnings = ({ warnings: all }: Awaited<ReturnType<typeof applyConfig>>) =>
  all.map(({ message }) => message);

onPostgres((_, open) => {
  it("lets people edit a managed group until it ends, and the source have it again after that", async () => {
    const { pass, apply, takeOver, add, members, deps, state } = await begin(await open());
    await assert.rejects(add("bot:b"), hasReason("MANAGED_BY_SOURCE"));
    const taken = await takeOver();
    assert.equal(taken.revisionToken, state().revisionToken);
    await add("bot:b");
    await update(deps, owner, "managed", ["description", "nested"], {
      description: "mended",
      nested: ["owners"],
    });
    assert.deepEqual([members(), groupOf(deps, "managed").managedBy], [["bot:a", "bot:b"], "main"]);

    const before = groupOf(deps, "managed");
    const applied = await apply(`${files.slice(0, -1)}, { name: other }]`);
    assert.deepEqual(warnings(applied), [leftAlone]);
    assert.deepEqual(applied.summary, [{ kind: "group", created: 1, updated: 0, deleted: 0 }]);
    assert.equal(groupOf(deps, "managed"), before, "it is exactly as it was");
    // Files that do not have it any more do not delete it either.
    assert.deepEqual(warnings(await apply(`groups: [${owners}]`)), [leftAlone]);
    assert.equal(groupOf(deps, "managed"), before);

    pass(hour - 1);
    assert.deepEqual(warnings(await apply(files)), [leftAlone]);
    await add("bot:c");
    pass(1);
    await assert.rejects(add("bot:d"), hasReason("MANAGED_BY_SOURCE"));
    assert.deepEqual(members(), ["bot:a", "bot:b", "bot:c"], "nothing happens by itself");
    const restored = await apply(files);
    assert.deepEqual([warnings(restored), members()], [[], ["bot:a"]]);
    assert.deepEqual(
      restored.summary.find(({ kind }) => kind === "group_take_over"),
      { kind: "group_take_over", created: 0, updated: 0, deleted: 1 },
    );
    assert.deepEqual([groupOf(deps, "managed").nested, state().takeOvers.size], [[], 0]);
    const last = revisionOf(deps);
    await apply(files);
    assert.deepEqual((await apply(files)).summary, []);
    assert.ok(revisionOf(deps) >= last);
  });

  it("is told by dry runs and validations, which count the group as no change", async () => {
    const { apply, takeOver, add, deps } = await begin(await open());
    await takeOver();
    await add("bot:b");
    const dry = await apply(files, { validateOnly: true });
    assert.deepEqual([warnings(dry), dry.changes, dry.summary], [[leftAlone], [], []]);
    const input = { source: "", files: applyInput(`groups: [${owners}]`).files };
    const { problems, summary } = await validateConfig(deps, root, input);
    assert.deepEqual([problems.map(({ message }) => message), summary], [[leftAlone], []]);
  });

  it("leaves the groups of other sources and the etag rules as they are", async () => {
    const { apply, takeOver, add } = await begin(await open());
    await takeOver();
    const { etag } = await apply(`groups: [{ name: else }]`, { source: "second" });
    assert.deepEqual(
      warnings(await apply("groups: [{ name: third }]", { source: "second", etag })),
      [],
    );
    const first = await apply(`${files.slice(0, -1)}, { name: other }]`);
    await add("bot:b");
    await assert.rejects(apply(files, { etag: first.etag }), hasReason("ETAG_MISMATCH"));
  });

  it("refuses files that do not go with a group that is taken over", async () => {
    const { apply, takeOver, deps } = await begin(await open());
    await takeOver();
    await apply(`groups: [${owners}, ${managed}, { name: inner, owners: owners }]`);
    await update(deps, owner, "managed", ["nested"], { nested: ["inner"] });
    await assert.rejects(apply(files), (error: Error) => {
      assert.match(error.message, /do not go with the groups that are taken over.*"inner"/);
      return hasReason("CONFIG_INVALID")(error);
    });
    const circle = `groups: [${owners}, ${managed}, { name: inner, owners: owners, nested: [managed] }]`;
    await assert.rejects(apply(circle), hasReason("CONFIG_INVALID"));
  });

  it("is extended by taking over again, and ended by returning or deleting the group", async () => {
    const { pass, apply, takeOver, giveBack, add, remove, state, members } = await begin(
      await open(),
    );
    const { group: first } = await takeOver();
    const etag = first.etag;
    pass(1000);
    const { group: again } = await takeOver({ reason: "still down", durationMs: 2 * hour });
    assert.deepEqual(
      [again.takeOver?.reason, again.takeOver?.expiresAt, again.etag],
      ["still down", "2026-01-02T14:00:01.000Z", etag],
    );
    await add("bot:b");
    const { group: returned } = await giveBack();
    assert.deepEqual([returned.takeOver, state().takeOvers.size], [undefined, 0]);
    const { revision } = state();
    await giveBack();
    assert.equal(state().revision, revision, "what changes nothing makes no revision");
    await assert.rejects(add("bot:c"), hasReason("MANAGED_BY_SOURCE"));
    await apply(files);
    assert.deepEqual(members(), ["bot:a"]);

    await takeOver();
    await remove();
    assert.deepEqual(
      [state().takeOvers.size, state().snapshot.groups.entry("managed")],
      [0, undefined],
    );
    await apply(files);
    assert.deepEqual(members(), ["bot:a"]);
    await assert.rejects(add("bot:c"), hasReason("MANAGED_BY_SOURCE"));
  });

  it("goes with a group that the source deletes after its end", async () => {
    const { pass, apply, takeOver, state } = await begin(await open());
    await takeOver();
    pass(hour);
    await apply(`groups: [${owners}]`);
    assert.equal(state().takeOvers.size, 0);
    await apply(files);
    assert.equal(state().takeOvers.size, 0);
  });

  it("is the same by following, by loading and by rebuilding, at every revision", async () => {
    const storage = await open();
    const world = await begin(storage);
    const { deps } = await createTestCommands(storage);
    const known: [bigint, unknown][] = [];
    const others = deps.replica;
    const note = async (done: Promise<unknown>): Promise<void> => {
      await done;
      await others.refresh();
      const loaded = describeState(await inReadTransaction(storage, (tx) => loadIn(tx)));
      assert.deepEqual(describeState(world.state()), loaded);
      assert.deepEqual(describeState(others.current() ?? assert.fail()), loaded);
      known.push([world.state().revision, comparable(world.state())]);
    };
    await note(world.takeOver());
    await note(world.add("bot:b"));
    await note(world.takeOver({ reason: "again" }));
    await note(update(world.deps, owner, "managed", ["description"], { description: "mended" }));
    await note(world.apply(`${files.slice(0, -1)}, { name: other }]`));
    await note(world.giveBack());
    await note(world.apply(files));
    await note(world.takeOver());
    await note(world.remove());
    await note(world.apply("groups: [{ name: else }]", { source: "second" }));
    await note(world.apply(files));
    await note(world.takeOver());
    world.pass(hour);
    await note(world.apply(`groups: [${owners}]`));
    const { deps: late } = await createTestCommands(storage);
    await note(world.apply(files));
    await note(world.takeOver());
    await note(world.add("bot:c"));
    // It gets the group and its edit at once.
    await late.replica.refresh();
    assert.deepEqual(
      describeState(late.replica.current() ?? assert.fail()),
      describeState(world.state()),
    );
    for (const [revision, then] of known) {
      assert.deepEqual(comparable(await stateAt(world.deps, revision)), then, `${revision}`);
    }
    assert.deepEqual((await verifyChanges(storage.db, 0n, 0n)).faults, []);
    await pruneItems(storage, { before: world.state().revision, dryRun: false });
    assert.deepEqual((await verifyChanges(storage.db, 0n, 0n)).faults, []);
  });

  it("is answered to a repeat as it was to the first, and refused to another request of the id", async () => {
    const { takeOver, giveBack, state } = await begin(await open());
    const requestId = "0b0f1a52-7c0e-4a53-9a3f-1f5f3f1c2d4e";
    const first = await takeOver({ requestId });
    await giveBack();
    const { revision } = state();
    assert.deepEqual(await takeOver({ requestId }), first);
    assert.equal(state().revision, revision);
    await assert.rejects(takeOver({ requestId, durationMs: 1 }), hasReason("REQUEST_ID_REUSED"));
  });
});

/** What a rebuilt state has in common with the one that was: of hashes fewer are known, ids are none of its business. */
function comparable(state: ReplicaState): unknown {
  const { recentHashes: _, ...rest } = describeState(state) as { readonly recentHashes: unknown };
  return rest;
}
