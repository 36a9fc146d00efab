import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createApiKey } from "../../../src/commands/create-api-key.ts";
import type { EntityChange } from "../../../src/domain/entity.ts";
import { diffFields } from "../../../src/domain/field-diff.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { pruneItems } from "../../../src/storage/history/prune-items.ts";
import { useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { attachTestLog, makeGroup, openTestLog, people } from "./support.ts";

const open = useDatabase();

describe("getChange", () => {
  it("tells readers the change and all of its items", async () => {
    const log = await openTestLog(await open());
    for (const reader of [people.root, people.auditor]) {
      const { change, items, nextPageToken, revisionToken } = await log.get(reader, 2n);
      assert.equal(change.author, people.root);
      assert.equal(items.length, 10);
      assert.deepEqual(
        items.map(({ kind, key }) => `${kind} ${key}`),
        items.map(({ kind, key }) => `${kind} ${key}`).sort(),
      );
      assert.deepEqual([nextPageToken, revisionToken], ["", log.state().revisionToken]);
    }
    const { items } = await log.get(people.root, 2n, { group: "hidden" });
    assert.deepEqual(
      items.map(({ key }) => key),
      ["hidden", "hidden user:secret@example.com"],
    );
  });

  it("tells owners what is of their group, and nothing else of the change", async () => {
    const log = await openTestLog(await open());
    const { change, items } = await log.get(people.owner, 2n, { group: "team" });
    assert.deepEqual(
      items.map(({ key }) => key),
      ["team", `team ${people.member}`],
    );
    assert.deepEqual(change.summary, [
      { kind: "group", created: 1, updated: 0, deleted: 0 },
      { kind: "group_member", created: 1, updated: 0, deleted: 0 },
    ]);
  });

  it("tells owners neither of changes beyond their group nor that there are such", async () => {
    const log = await openTestLog(await open());
    await log.editGroups([makeGroup("hidden")]);
    const forbidden = hasReason("GROUP_FORBIDDEN", { group: "team", action: "read" });
    for (const revision of [1n, 3n, 4n, 2n ** 62n]) {
      await assert.rejects(log.get(people.owner, revision, { group: "team" }), forbidden);
    }
    for (const revision of [2n, 99n]) {
      for (const [asker, group] of [
        [people.owner, "hidden"],
        [people.owner, "nothing"],
        [people.member, "team"],
      ] as const) {
        await assert.rejects(
          log.get(asker, revision, { group }),
          hasReason("GROUP_FORBIDDEN", { group }),
        );
      }
      await assert.rejects(log.get(people.owner, revision), hasReason("GROUP_REQUIRED"));
    }
  });

  it("tells owners nothing of an earlier group of the same name", async () => {
    const log = await openTestLog(await open());
    await log.setGroups([
      makeGroup("administrators", { members: [people.root] }),
      makeGroup("owners", { members: [people.owner] }),
    ]);
    await log.editGroups([makeGroup("hidden", { owners: "owners" })]);
    for (const revision of [2n, 3n]) {
      await assert.rejects(
        log.get(people.owner, revision, { group: "hidden" }),
        hasReason("GROUP_FORBIDDEN"),
      );
    }
    assert.equal((await log.get(people.owner, 4n, { group: "hidden" })).items.length, 1);
  });

  it("tells readers that there is no such change", async () => {
    const log = await openTestLog(await open());
    for (const reader of [people.root, people.auditor]) {
      await assert.rejects(
        log.get(reader, 3n),
        hasReason("NOT_FOUND", { kind: "change", name: "3" }),
      );
    }
    for (const revision of [0n, -1n]) {
      await assert.rejects(
        log.get(people.root, revision),
        hasReason("INVALID_FIELD", { field: "revision" }),
      );
    }
  });

  it("knows a change that another process has just made", async () => {
    const log = await openTestLog(await open());
    const other = await attachTestLog(log.storage);
    await other.editGroups([makeGroup("new")]);
    const { items, revisionToken } = await log.get(people.root, 3n);
    assert.equal(items.length, 1);
    assert.equal(revisionToken, other.state().revisionToken);
  });

  it("says when the items are kept no more", async () => {
    const log = await openTestLog(await open());
    await log.editGroups([makeGroup("new")]);
    await pruneItems(log.storage, { before: 3n, dryRun: false });
    const { change, items } = await log.get(people.root, 2n);
    assert.deepEqual([change.itemsPruned, items.length], [true, 0]);
    assert.notDeepEqual(change.summary, []);
  });

  it("never tells the hash of a secret", async () => {
    const log = await openTestLog(await open());
    const wanted = { identity: "user:ann@example.com", description: "d", ttlSeconds: undefined };
    const rest = { noExpiry: true, requestId: "", reason: "" };
    await createApiKey(log.deps, people.root, { ...wanted, ...rest });
    const { items } = await log.get(people.root, 3n);
    const fields = items.flatMap((item) => diffFields(item)).map(({ field }) => field);
    assert.deepEqual(fields, ["created_at", "created_by", "description", "id", "identity"]);
  });

  it("binds page tokens to the change, the group and the peer", async () => {
    const log = await openTestLog(await open());
    await log.setGroups([makeGroup("administrators", { members: [people.root] })]);
    const { nextPageToken: pageToken } = await log.get(people.root, 2n, { pageSize: 1 });
    const wrong = hasReason("PAGE_TOKEN_INVALID");
    await assert.rejects(log.get(people.root, 3n, { pageToken }), wrong);
    await assert.rejects(log.get(people.root, 2n, { pageToken, group: "team" }), wrong);
    await assert.rejects(log.get("user:other@example.com" as Identity, 2n, { pageToken }));
    assert.equal((await log.get(people.root, 2n, { pageToken })).items.length, 9);
  });

  it("gives every item of a change of more than 65,536 of them, once, in pages", async () => {
    const log = await openTestLog(await open());
    const members = Array.from({ length: 66_000 }, (_, index) => `user:u${index}@example.com`);
    const changes: EntityChange[] = members.sort().map((member) => ({
      ...{ kind: "group_member", key: `team ${member}`, before: undefined },
      after: { group: "team", member },
    }));
    const other = { group: "hidden", member: "user:z@example.com" };
    const last = { kind: "group_member", key: `hidden ${other.member}`, before: undefined };
    const revision = await log.change([{ ...last, after: other } as EntityChange, ...changes]);
    for (const [asker, group, expected] of [
      [people.root, "", [other.member, ...members]],
      [people.owner, "team", members],
    ] as const) {
      const seen: unknown[] = [];
      for (let pageToken = "", pages = 0; pages === 0 || pageToken !== ""; pages += 1) {
        const page = await log.get(asker, revision, { group, pageSize: 1000, pageToken });
        seen.push(...page.items.map(({ after }) => after && "member" in after && after.member));
        pageToken = page.nextPageToken;
      }
      assert.deepEqual(seen, expected);
    }
  });
});
