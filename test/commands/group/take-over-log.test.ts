import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { getChange } from "../../../src/commands/change/get-change.ts";
import { listChanges } from "../../../src/commands/change/list-changes.ts";
import { addMembers, removeMembers } from "../../../src/commands/group/change-members.ts";
import { returnGroup, takeOverGroup } from "../../../src/commands/group/take-over-group.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { stateAt } from "../../../src/replica/state-at.ts";
import { eraseIdentity } from "../../../src/storage/history/erase-identity.ts";
import { verifyChanges } from "../../../src/storage/history/verify-changes.ts";
import { useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { owner, root, writing } from "./support.ts";
import { begin, files, hour, owners, plain, until } from "./take-over-support.ts";

const open = useDatabase();

describe("a take-over in the log", () => {
  it("stands in the log, for readers: owners see what becomes of the group, not who takes it over", async () => {
    const { takeOver, add, remove, deps, state } = await begin(await open());
    await takeOver();
    const taken = state().revision;
    const added = await add("bot:b");
    const deleted = await remove();
    const page = { revision: taken, pageSize: 0, pageToken: "", group: "managed" };
    const { items, change } = await getChange(deps, root, page);
    assert.deepEqual([change.author, change.reason, items.length], [root, "down", 1]);
    assert.deepEqual(items[0]?.after, {
      group: "managed",
      source: "main",
      author: root,
      reason: "down",
      expiresAt: until,
    });
    const everything = await getChange(deps, root, { ...page, revision: deleted });
    assert.ok(everything.items.some(({ kind }) => kind === "group_take_over"));
    const list = { pageSize: 0, pageToken: "", author: "", source: "", kind: "", key: "" };
    const times = { since: undefined, until: undefined };
    const listed = async (asker: Identity, more: object = {}) => {
      const found = await listChanges(deps, asker, {
        ...list,
        ...times,
        group: "managed",
        ...more,
      });
      return found.changes.map(({ revision }) => revision);
    };
    assert.deepEqual((await listed(root)).slice(0, 3), [deleted, added, taken]);
    assert.deepEqual(await listed(root, { kind: "group_take_over" }), [deleted, taken]);
    const key = { kind: "group_take_over", key: "managed" };
    assert.deepEqual(await listed(root, key), [deleted, taken]);
  });

  it("is hidden from owners in the log of their group", async () => {
    const { takeOver, add, giveBack, deps, state } = await begin(await open());
    await takeOver();
    const taken = state().revision;
    const added = await add("bot:b");
    await giveBack();
    const input = { revision: taken, pageSize: 0, pageToken: "", group: "managed" };
    await assert.rejects(getChange(deps, owner, input), hasReason("GROUP_FORBIDDEN"));
    const list = { pageSize: 0, pageToken: "", author: "", source: "", group: "managed" };
    const none = { kind: "", key: "", since: undefined, until: undefined };
    const { changes } = await listChanges(deps, owner, { ...list, ...none });
    assert.deepEqual(
      changes.map(({ revision, summary }) => [revision, summary.map(({ kind }) => kind)]).at(0),
      [added, ["group_member"]],
    );
    assert.ok(changes.every(({ revision }) => revision !== taken));
    for (const key of ["", "managed"]) {
      const kind = "group_take_over";
      const asked = await listChanges(deps, owner, { ...list, ...none, kind, key });
      assert.deepEqual(asked.changes, []);
    }
  });

  it("keeps who took a group over from being erased until it is returned", async () => {
    const storage = await open();
    const { deps, state } = await begin(storage);
    const second = "user:second@example.com" as Identity;
    await addMembers(deps, root, { ...writing, group: "administrators", members: [second] });
    const input = { ...plain, name: "managed", reason: "down", durationMs: hour };
    await takeOverGroup(deps, second, input);
    const taken = state().revision;
    await removeMembers(deps, root, { ...writing, group: "administrators", members: [second] });
    const erasing = { identity: second, author: root, reason: "asked to", dryRun: false };
    await assert.rejects(
      eraseIdentity(storage, erasing),
      hasReason("IN_USE", { places: "named in the take-over of the group managed" }),
    );
    await returnGroup(deps, root, { ...plain, name: "managed" });
    const { pseudonym } = await eraseIdentity(storage, erasing);
    await deps.replica.refresh();
    assert.equal((await stateAt(deps, taken)).takeOvers.get("managed")?.author, pseudonym);
    assert.deepEqual((await verifyChanges(storage.db, 0n, 0n)).faults, []);
  });
});

describe("a take-over", () => {
  it("is reverted, and so is a return, while the group is there for it", async () => {
    const { takeOver, giveBack, apply, revert, state } = await begin(await open());
    await takeOver();
    const taken = state().revision;
    await revert(taken);
    assert.equal(state().takeOvers.size, 0);
    await takeOver();
    const { takeOvers } = state();
    await giveBack();
    const returned = state().revision;
    await revert(returned);
    assert.deepEqual(state().takeOvers, takeOvers);
    await giveBack();
    await apply(`groups: [${owners}]`);
    await assert.rejects(revert(returned), hasReason("REVERT_CONFLICT"));
  });

  it("lets edits that were made under it be undone while it is in force, and says so afterwards", async () => {
    const { takeOver, giveBack, add, revert, members } = await begin(await open());
    await takeOver();
    const added = await add("bot:b");
    await revert(added);
    assert.deepEqual(members(), ["bot:a"]);
    const again = await add("bot:c");
    await giveBack();
    await assert.rejects(revert(again), {
      message:
        /is managed by source "main", and the group is not taken over now: take it over first/,
    });
    await takeOver();
    await revert(again);
    assert.deepEqual(members(), ["bot:a"]);
  });

  it("keeps applies of the source from being undone in the group", async () => {
    const { takeOver, giveBack, apply, revert, members, state } = await begin(await open());
    await apply(files.replace("bot:a", "bot:z"));
    const applied = state().revision;
    await takeOver();
    await assert.rejects(revert(applied), {
      message: new RegExp(`is of a group that is taken over until ${until}: return it first`),
    });
    await giveBack();
    await revert(applied);
    assert.deepEqual(members(), ["bot:a"]);
  });

  it("keeps a group of a source, deleted under it, from coming back without the source", async () => {
    const { takeOver, remove, revert, apply, members } = await begin(await open());
    await takeOver();
    const removed = await remove();
    await assert.rejects(revert(removed), {
      message: /group "managed" was managed by source "main" when it was deleted: apply the files/,
    });
    await apply(files);
    assert.deepEqual(members(), ["bot:a"]);
  });

  it("goes when a group whose take-over has ended is gone by a revert", async () => {
    const { pass, takeOver, revert, apply, state } = await begin(await open());
    await apply(`groups: [${owners}]`);
    await apply(files);
    const made = state().revision;
    await takeOver();
    await assert.rejects(revert(made), hasReason("REVERT_CONFLICT"));
    pass(hour);
    await revert(made);
    assert.deepEqual(
      [state().takeOvers.size, state().snapshot.groups.entry("managed")],
      [0, undefined],
    );
  });
});
