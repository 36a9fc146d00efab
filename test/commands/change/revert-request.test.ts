import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lockOutGuards } from "../../../src/commands/guards.ts";
import { pruneItems } from "../../../src/storage/history/prune-items.ts";
import { useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { makeGroup, openTestLog, people, team } from "./support.ts";

const open = useDatabase();
const openLog = async () => openTestLog(await open());
const requestId = "0b0f1a52-7c0e-4a53-9a3f-1f5f3f1c2d4e";

describe("revertChange", () => {
  it("refuses a lock-out unless it is allowed", async () => {
    const log = await openLog();
    const root = makeGroup("administrators", { members: ["user:other@example.com"] });
    const both = { ...root, members: [...root.members, people.root] };
    const added = await log.editGroups([both]);
    const without = await log.editGroups([root]);
    await log.editGroups([both]);
    await assert.rejects(log.revert(without + 1n), hasReason("LOCK_OUT"));
    assert.ok(added < without);
    const guards = { ...lockOutGuards, allowLockOut: true };
    await log.revert(without + 1n, { guards });
    assert.equal(log.state().revision, without + 2n);
  });

  it("says what it would do, and does nothing, when it only validates", async () => {
    const log = await openLog();
    await log.apply(
      'projects: [{ name: p, realms: [{ name: r, bindings: [{ role: role/swarming.poolUser, principals: ["group:team"] }] }] }]',
    );
    const added = await log.editGroups([team(people.member, "user:x@example.com")]);
    const before = log.state().revisionToken;
    const { summary, effects, revisionToken } = await log.revert(added, { validateOnly: true });
    assert.deepEqual(summary, [{ kind: "group_member", created: 0, updated: 0, deleted: 1 }]);
    assert.deepEqual([effects?.gained.identities, effects?.lost.identities], [0, 1]);
    assert.equal(revisionToken, before);
    await log.deps.replica.refresh();
    assert.equal(log.state().revisionToken, before);
  });

  it("keeps to guards", async () => {
    const log = await openLog();
    await log.apply(
      'projects: [{ name: p, realms: [{ name: r, bindings: [{ role: role/swarming.poolUser, principals: ["group:team"] }] }] }]',
    );
    const added = await log.editGroups([team(people.member, "user:x@example.com")]);
    const guards = { ...lockOutGuards, maxLost: 0 };
    await assert.rejects(
      log.revert(added, { guards }),
      hasReason("EFFECT_TOO_LARGE", { gained: "0", lost: "1", max_gained: "", max_lost: "0" }),
    );
    await assert.rejects(log.revert(added, { guards }), {
      message: "guards.max_lost: 1 would lose something, which is more than 0",
    });
    await log.revert(added, { guards: { ...guards, maxLost: 1 } });
  });

  it("counts a glob as more than any number, and names each guard that does not hold", async () => {
    const log = await openLog();
    const binding = (principal: string): string =>
      `projects: [{ name: p, realms: [{ name: r, bindings: [{ role: role/swarming.poolUser, principals: ["${principal}"] }] }] }]`;
    await log.apply(binding("user:x@example.com"));
    await log.apply(`${binding("group:g")}\ngroups: [{ name: g, globs: ["user:*@example.org"] }]`);
    await assert.rejects(
      log.revert(log.state().revision, {
        guards: { ...lockOutGuards, maxGained: 0, maxLost: 1_000_000 },
      }),
      {
        message:
          "guards.max_gained: 1 would gain something, which is more than 0; " +
          "guards.max_lost: whoever a glob matches would lose something, which is more than 1000000",
      },
    );
  });

  it("answers a repeat as the first one, and refuses another request with its id", async () => {
    const log = await openLog();
    const added = await log.editGroups([team(people.member, "user:x@example.com")]);
    const first = await log.revert(added, { requestId });
    await log.editGroups([team(people.member, "user:x@example.com")]);
    assert.deepEqual(await log.revert(added, { requestId }), first);
    assert.equal(log.state().revision, added + 2n);
    await assert.rejects(
      log.revert(added + 2n, { requestId }),
      hasReason("REQUEST_ID_REUSED", { request_id: requestId }),
    );
  });

  it("wants a reason where the settings do", async () => {
    const log = await openLog();
    const added = await log.editGroups([team(people.member, "user:x@example.com")]);
    await log.apply("settings: { readers_group: auditors, reason_required: true }", {
      reason: "r",
    });
    await assert.rejects(log.revert(added), hasReason("INVALID_FIELD", { field: "reason" }));
    await log.revert(added, { reason: "because" });
  });

  it("does not know changes that are not there, or whose items are kept no more", async () => {
    const log = await openLog();
    await log.editGroups([team()]);
    await log.editGroups([team(people.member)]);
    await assert.rejects(log.revert(9n), hasReason("NOT_FOUND", { kind: "change", name: "9" }));
    await assert.rejects(log.revert(0n), hasReason("INVALID_FIELD", { field: "revision" }));
    await pruneItems(log.storage, { before: 4n, dryRun: false });
    await assert.rejects(
      log.revert(3n),
      hasReason("REVISION_NOT_RETAINED", { revision: "3", oldest: "4" }),
    );
  });
});
