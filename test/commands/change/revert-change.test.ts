import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sql } from "kysely";
import { stateAt } from "../../../src/replica/state-at.ts";
import { verifyChanges } from "../../../src/storage/history/verify-changes.ts";
import { readState } from "../../support/stored-state.ts";
import { useDatabase } from "../../support/database.ts";
import { contentOf, makeGroup, openTestLog, people, pool, team } from "./support.ts";

const open = useDatabase();
const openLog = async () => openTestLog(await open());

describe("revertChange", () => {
  it("brings back what was before a change of groups, as a new change", async () => {
    const log = await openLog();
    const then = contentOf(log.state());
    const changed = await log.setGroups([
      makeGroup("administrators", { members: [people.root] }),
      makeGroup("owners", { members: [people.owner, "user:x@example.com"] }),
      makeGroup("team", { owners: "owners", description: "new", globs: ["user:*@x.com"] }),
      makeGroup("brand-new", { nested: ["team"] }),
    ]);
    const { revisionToken, summary, effects } = await log.revert(changed, { reason: "oops" });
    assert.deepEqual(contentOf(log.state()), then);
    assert.equal(revisionToken, log.state().revisionToken);
    assert.equal(log.state().revision, changed + 1n);
    assert.equal(effects, undefined);
    assert.deepEqual(
      summary.find(({ kind }) => kind === "group"),
      { kind: "group", created: 2, updated: 1, deleted: 1 },
    );
    const { change } = await log.get(people.root, changed + 1n);
    assert.deepEqual([change.author, change.reason], [people.root, "oops"]);
    assert.deepEqual((await verifyChanges(log.storage.db, 0n, 0n)).faults, []);
    const stored = await readState(log.storage);
    assert.deepEqual(stored.configurations.get("")?.groups.length, 5);
  });

  it("brings back what a source managed, for that source", async () => {
    const log = await openLog();
    await log.apply(
      `{ ${pool("a").slice(0, -1)}, { name: b, realm: "p:r" }], groups: [{ name: g, members: ["user:m@x.com"] }] }`,
    );
    const then = contentOf(log.state());
    const changed = await log.apply(`{ ${pool("a")}, bot_groups: [{ name: c, pools: [a] }] }`);
    await log.revert(changed);
    assert.deepEqual(contentOf(log.state()), then);
    assert.equal(log.state().snapshot.groups.entry("g")?.managedBy, "main");
    assert.equal(log.state().sources.get("main")?.revision, changed + 1n);
    const { change } = await log.get(people.root, changed + 1n);
    assert.equal(change.source, "main");
  });

  it("undoes an undoing", async () => {
    const log = await openLog();
    const changed = await log.editGroups([team("user:x@example.com")]);
    const then = contentOf(log.state());
    await log.revert(changed);
    await log.revert(changed + 1n);
    assert.deepEqual(contentOf(log.state()), then);
    await log.revert(changed + 2n);
    assert.deepEqual(contentOf(log.state()), contentOf(await stateAt(log.deps, changed - 1n)));
  });

  it("leaves alone what other changes did meanwhile", async () => {
    const log = await openLog();
    const changed = await log.editGroups([team("user:x@example.com")]);
    await log.editGroups([makeGroup("hidden", { description: "later" })]);
    await log.editGroups([team("user:x@example.com", "user:y@example.com")]);
    await log.revert(changed);
    const { groups } = log.state().snapshot;
    assert.equal(groups.entry("hidden")?.description, "later");
    assert.deepEqual([...(groups.entry("team")?.members.values() ?? [])].sort(), [
      people.member,
      "user:y@example.com",
    ]);
  });

  it("keeps what the log of the previous release does not tell of", async () => {
    const log = await openLog();
    const required = (users: string) =>
      `settings: { readers_group: auditors, users_group: ${users}, reason_required: true }`;
    await log.apply(required("a"));
    const changed = await log.apply(required("b"), { reason: "r" });
    const gone = await log.apply("{}", { reason: "r" });
    await sql`
      update change_item set before = before - 'reasonRequired', after = after - 'reasonRequired'
      where revision in (${changed.toString()}::bigint, ${gone.toString()}::bigint)
    `.execute(log.storage.db);
    await log.revert(gone);
    assert.equal(log.state().expanded.settings.reasonRequired, true);
    await log.revert(changed, { reason: "r" });
    const { usersGroup, reasonRequired } = log.state().expanded.settings;
    assert.deepEqual([usersGroup, reasonRequired], ["a", true]);
    assert.deepEqual((await readState(log.storage)).configurations.get("main")?.settings, {
      ...log.state().expanded.settings,
    });
  });
});
