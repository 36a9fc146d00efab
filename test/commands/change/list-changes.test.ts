import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ListChangesInput } from "../../../src/commands/change/list-changes.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { pruneItems } from "../../../src/storage/history/prune-items.ts";
import { useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { attachTestLog, makeGroup, openTestLog, people, type TestLog } from "./support.ts";

const open = useDatabase();
const stranger = "user:stranger@example.com" as Identity;

/** Settings (1), groups (2), then: team (3), hidden (4), both (5), a pool (6), team by its owner (7). */
async function openFilledLog(): Promise<TestLog> {
  const log = await openTestLog(await open());
  const team = (...members: readonly string[]) =>
    makeGroup("team", { owners: "owners", members: [people.member, ...members].sort() });
  const hidden = (description: string) =>
    makeGroup("hidden", { members: ["user:secret@example.com"], description });
  await log.editGroups([team("user:a@example.com")], { reason: "new hire" });
  await log.editGroups([hidden("x")]);
  await log.editGroups([team("user:a@example.com", "user:b@example.com"), hidden("y")]);
  await log.apply('pools: [{ name: p, realm: "a:b" }]', { source: "pools", reason: "a pool" });
  await log.editGroups([team()], { author: people.owner });
  return log;
}

async function revisions(
  log: TestLog,
  asker: Identity,
  more?: Partial<ListChangesInput>,
): Promise<readonly number[]> {
  const { changes } = await log.list(asker, more);
  return changes.map(({ revision }) => Number(revision));
}

describe("listChanges", () => {
  it("lists everything for readers, the newest first", async () => {
    const log = await openFilledLog();
    for (const reader of [people.root, people.auditor]) {
      assert.deepEqual(await revisions(log, reader), [7, 6, 5, 4, 3, 2, 1]);
    }
    const { changes, nextPageToken, revisionToken } = await log.list(people.auditor);
    assert.equal(nextPageToken, "");
    assert.equal(revisionToken, log.state().revisionToken);
    const [newest, applied] = changes;
    assert.deepEqual(
      { author: newest?.author, reason: newest?.reason, source: newest?.source },
      { author: people.owner, reason: "", source: undefined },
    );
    assert.deepEqual(newest?.summary, [
      { kind: "group_member", created: 0, updated: 0, deleted: 2 },
    ]);
    assert.deepEqual([applied?.reason, applied?.source], ["a pool", "pools"]);
  });

  it("takes each filter by itself, and all of them together", async () => {
    const log = await openFilledLog();
    const { changes } = await log.list(people.root);
    const at = new Map(changes.map((change) => [Number(change.revision), change.at]));
    for (const [filter, expected] of [
      [{ author: people.owner.toUpperCase().replace("USER", "user") }, [7]],
      [{ source: "pools" }, [6]],
      [{ source: "nobody" }, []],
      [{ group: "team" }, [7, 5, 3, 2]],
      [{ group: "hidden" }, [5, 4, 2]],
      [{ kind: "pool" }, [6]],
      [{ kind: "group" }, [5, 4, 2]],
      [{ kind: "group", key: "hidden" }, [5, 4, 2]],
      [{ kind: "group_member", key: "team user:b@example.com" }, [7, 5]],
      [{ group: "team", kind: "group" }, [2]],
      [{ group: "team", author: people.owner }, [7]],
    ] as const) {
      assert.deepEqual(
        await revisions(log, people.auditor, filter),
        expected,
        JSON.stringify(filter),
      );
    }
    const since = at.get(4) ?? assert.fail();
    const until = at.get(6) ?? assert.fail();
    const between = changes.filter((change) => change.at >= since && change.at < until);
    assert.deepEqual(
      await revisions(log, people.root, { since, until }),
      between.map(({ revision }) => Number(revision)),
    );
  });

  it("finds what was done by access to the database alone, which no identity did", async () => {
    const log = await openFilledLog();
    for (const author of ["bootstrap", "accept-restore", "operator"]) {
      const done = await log.editGroups([makeGroup(author)], { author: author as Identity });
      assert.deepEqual(await revisions(log, people.root, { author }), [Number(done)]);
    }
  });

  it("shows owners what is of their group, and counts only that", async () => {
    const log = await openFilledLog();
    const { changes } = await log.list(people.owner, { group: "team" });
    assert.deepEqual(
      changes.map(({ revision, summary }) => [Number(revision), summary.map(({ kind }) => kind)]),
      [
        [7, ["group_member"]],
        [5, ["group_member"]],
        [3, ["group_member"]],
        [2, ["group", "group_member"]],
      ],
    );
    assert.deepEqual(changes.at(-1)?.summary, [
      { kind: "group", created: 1, updated: 0, deleted: 0 },
      { kind: "group_member", created: 1, updated: 0, deleted: 0 },
    ]);
    assert.equal(changes[2]?.reason, "new hire");
  });

  it("lets no filter of an owner look beyond the group", async () => {
    const log = await openFilledLog();
    for (const filter of [
      { kind: "group", key: "hidden" },
      { kind: "group_member", key: "hidden user:secret@example.com" },
      { kind: "settings" },
      { kind: "pool", key: "p" },
    ]) {
      assert.deepEqual(await revisions(log, people.owner, { group: "team", ...filter }), []);
    }
    const own = { group: "team", kind: "group_member", key: "team user:a@example.com" };
    assert.deepEqual(await revisions(log, people.owner, own), [7, 3]);
  });

  it("answers everybody else alike, whether or not there is such a group", async () => {
    const log = await openFilledLog();
    for (const [asker, group] of [
      [people.owner, "hidden"],
      [people.owner, "nothing"],
      [people.member, "team"],
      [stranger, "team"],
      [stranger, "nothing"],
    ] as const) {
      await assert.rejects(
        log.list(asker, { group, pageToken: "nonsense" }),
        hasReason("GROUP_FORBIDDEN", { group, action: "read" }),
      );
    }
    for (const asker of [people.owner, people.member, stranger]) {
      await assert.rejects(
        log.list(asker),
        hasReason("GROUP_REQUIRED", { group: "administrators" }),
      );
    }
  });

  it("shows owners nothing of an earlier group of the same name", async () => {
    const log = await openFilledLog();
    await log.setGroups([
      makeGroup("administrators", { members: [people.root] }),
      makeGroup("owners", { members: [people.owner] }),
    ]);
    const created = await log.editGroups([makeGroup("hidden", { owners: "owners" })]);
    assert.deepEqual(await revisions(log, people.owner, { group: "hidden" }), [Number(created)]);
    assert.deepEqual(await revisions(log, people.root, { group: "hidden" }), [9, 8, 5, 4, 2]);
    await assert.rejects(
      log.list(people.owner, { group: "team" }),
      hasReason("GROUP_FORBIDDEN", { group: "team" }),
    );
  });

  it("judges the right to read on the newest state, whoever made it", async () => {
    const log = await openFilledLog();
    const elsewhere = await attachTestLog(log.storage);
    await elsewhere.editGroups([makeGroup("owners"), makeGroup("team", { owners: "owners" })]);
    assert.equal(log.state().revision, 7n);
    await assert.rejects(
      log.list(people.owner, { group: "team" }),
      hasReason("GROUP_FORBIDDEN", { group: "team" }),
    );
    assert.deepEqual(await revisions(log, people.root, { pageSize: 1 }), [8]);
  });

  for (const [asker, filter] of [
    [people.root, {}],
    [people.owner, { group: "team" }],
  ] as const) {
    it(`gives the same in pages of any size, to ${asker}`, async () => {
      const log = await openFilledLog();
      const whole = await revisions(log, asker, filter);
      for (const pageSize of [1, 2, 3, 4, 1000, 5000]) {
        const paged: number[] = [];
        for (let pageToken = "", pages = 0; pages === 0 || pageToken !== ""; pages += 1) {
          const page = await log.list(asker, { ...filter, pageSize, pageToken });
          paged.push(...page.changes.map(({ revision }) => Number(revision)));
          pageToken = page.nextPageToken;
        }
        assert.deepEqual(paged, whole, `pages of ${pageSize}`);
      }
    });
  }

  it("goes on where a page ended, whatever happened since", async () => {
    const log = await openFilledLog();
    const first = await log.list(people.root, { pageSize: 3 });
    await log.editGroups([makeGroup("team", { owners: "owners" })]);
    const { nextPageToken: pageToken } = first;
    assert.deepEqual(await revisions(log, people.root, { pageToken }), [4, 3, 2, 1]);
  });

  it("binds page tokens to the query and the peer", async () => {
    const log = await openFilledLog();
    const { nextPageToken: pageToken } = await log.list(people.root, { pageSize: 3 });
    const wrong = hasReason("PAGE_TOKEN_INVALID");
    await assert.rejects(log.list(people.auditor, { pageToken }), wrong);
    await assert.rejects(log.list(people.root, { pageToken, kind: "group" }), wrong);
    await assert.rejects(log.list(people.root, { pageToken, since: new Date(0) }), wrong);
    await assert.rejects(log.list(people.root, { pageToken: `${pageToken}x` }), wrong);
  });

  for (const [field, filter] of [
    ["page_size", { pageSize: -1 }],
    ["author", { author: "ann" }],
    ["source", { source: "A" }],
    ["group", { group: "A B" }],
    ["kind", { kind: "thing" }],
    ["key", { key: "x" }],
    ["key", { kind: "group", key: "a\0b" }],
    ["since", { since: new Date(NaN) }],
    ["until", { until: new Date(NaN) }],
  ] as const) {
    it(`refuses a malformed ${field}`, async () => {
      const log = await openTestLog(await open());
      await assert.rejects(log.list(people.root, filter), hasReason("INVALID_FIELD", { field }));
    });
  }

  it("still counts what is kept no more", async () => {
    const log = await openFilledLog();
    await pruneItems(log.storage, { before: 5n, dryRun: false });
    const { changes } = await log.list(people.root);
    assert.deepEqual(
      changes.map(({ itemsPruned, summary }) => [itemsPruned, summary.length > 0]),
      [7, 6, 5, 4, 3, 2, 1].map((revision) => [revision < 5, true]),
    );
  });
});
