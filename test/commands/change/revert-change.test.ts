import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sql } from "kysely";
import { createApiKey } from "../../../src/commands/create-api-key.ts";
import { lockOutGuards } from "../../../src/commands/guards.ts";
import { revokeApiKey } from "../../../src/commands/revoke-api-key.ts";
import { stateAt } from "../../../src/replica/state-at.ts";
import { eraseIdentity } from "../../../src/storage/history/erase-identity.ts";
import { pruneItems } from "../../../src/storage/history/prune-items.ts";
import { verifyChanges } from "../../../src/storage/history/verify-changes.ts";
import { readState } from "../../support/stored-state.ts";
import { useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { contentOf, makeGroup, openTestLog, people, type TestLog } from "./support.ts";

const open = useDatabase();
const requestId = "0b0f1a52-7c0e-4a53-9a3f-1f5f3f1c2d4e";

const team = (...members: readonly string[]) => makeGroup("team", { owners: "owners", members });
const pool = (name: string) => `pools: [{ name: ${name}, realm: "p:r" }]`;
const conflict = (entity: string, key: string, by: string) =>
  hasReason("REVERT_CONFLICT", { kind: entity, key, by });

async function openLog(): Promise<TestLog> {
  return openTestLog(await open());
}

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

  it("leaves no group nested that would be gone: neither one of a source, nor one edited by hand", async () => {
    const log = await openLog();
    const first = await log.apply("groups: [{ name: inner }]", { source: "first" });
    const outer = "groups: [{ name: outer, nested: [inner, hand] }]";
    await assert.rejects(log.apply(outer, { source: "second" }), hasReason("CONFIG_INVALID"));
    const byHand = await log.editGroups([makeGroup("hand")]);
    await log.apply(outer, { source: "second" });
    for (const revision of [first, byHand]) {
      await assert.rejects(
        log.revert(revision),
        hasReason("REVERT_CONFLICT", { kind: "", by: "" }),
      );
    }
    await assert.rejects(
      log.apply("pools: [{ name: a, realm: 'p:r' }]", { source: "first" }),
      hasReason("CONFIG_INVALID"),
    );
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

  it("names the first entity that was changed since, and by which revision", async () => {
    const log = await openLog();
    const x = "user:x@example.com";
    const added = await log.editGroups([team(people.member, x)]);
    const removed = await log.editGroups([team(people.member)]);
    await assert.rejects(
      log.revert(added),
      conflict("group_member", `team ${x}`, removed.toString()),
    );
    const respelt = await log.editGroups([team(people.member, "user:X@example.com")]);
    await assert.rejects(
      log.revert(removed),
      conflict("group_member", `team ${x}`, respelt.toString()),
    );
    const { message } = await log.revert(added).then(
      () => assert.fail(),
      (error: unknown) => error as Error,
    );
    assert.equal(
      message,
      `revision ${added} cannot be undone: group_member "team ${x}" is not as that revision left it; revision ${respelt} changed it`,
    );
    assert.equal(log.state().revision, respelt);
  });

  it("refuses to take away a group to which something was added since", async () => {
    const log = await openLog();
    const created = await log.editGroups([makeGroup("new")]);
    const filled = await log.editGroups([makeGroup("new", { members: ["user:x@example.com"] })]);
    await assert.rejects(log.revert(created), conflict("group", "new", filled.toString()));
  });

  it("refuses to bring back parts of what is gone", async () => {
    const log = await openLog();
    const emptied = await log.editGroups([makeGroup("hidden")]);
    const gone = await log.setGroups([makeGroup("administrators", { members: [people.root] })]);
    await assert.rejects(log.revert(emptied), conflict("group", "hidden", gone.toString()));

    const realms = (...names: readonly string[]) =>
      `projects: [{ name: p, realms: [${names.map((name) => `{ name: ${name} }`).join(",")}] }]`;
    await log.apply(realms("r", "s"));
    const less = await log.apply(realms("r"));
    const none = await log.apply("{}");
    await assert.rejects(log.revert(less), conflict("project", "p", none.toString()));
  });

  it("refuses to take away what something was put into since", async () => {
    const log = await openLog();
    const created = await log.apply("projects: [{ name: p }]");
    const filled = await log.apply("projects: [{ name: p, realms: [{ name: r }] }]");
    await assert.rejects(log.revert(created), conflict("realm", "p:r", filled.toString()));
  });

  it("refuses what would leave references to nothing", async () => {
    const log = await openLog();
    const rule = hasReason("REVERT_CONFLICT", { kind: "", key: "", by: "" });
    const created = await log.editGroups([makeGroup("inner")]);
    const nested = await log.editGroups([makeGroup("outer", { nested: ["inner"] })]);
    await assert.rejects(log.revert(created), rule);
    const unnested = await log.editGroups([makeGroup("outer")]);
    await log.setGroups([
      makeGroup("administrators", { members: [people.root] }),
      makeGroup("outer"),
    ]);
    await assert.rejects(log.revert(unnested), rule, "what it nested is gone");
    assert.ok(nested < unnested);

    const roles = await log.apply("roles: [{ name: role/x }]");
    await log.apply(
      'projects: [{ name: p, realms: [{ name: r, bindings: [{ role: role/x, principals: ["user:a@b.c"] }] }] }]',
      { source: "team" },
    );
    await assert.rejects(log.revert(roles), rule);
  });

  it("refuses to take away a group that a binding or the settings name", async () => {
    const log = await openLog();
    const created = await log.editGroups([makeGroup("bound")]);
    const bound =
      'projects: [{ name: p, realms: [{ name: r, bindings: [{ role: role/swarming.poolUser, principals: ["group:bound"] }] }] }]';
    await log.apply(bound, { source: "team" });
    await assert.rejects(log.revert(created), hasReason("REVERT_CONFLICT"));
    await log.apply("{}", { source: "team" });
    await log.revert(created);
  });

  it("refuses to take away a group that rights of Fleetgate itself hang on", async () => {
    const log = await openLog();
    const created = await log.editGroups([makeGroup("group-creators")]);
    await assert.rejects(
      log.revert(created),
      (error: Error) => hasReason("REVERT_CONFLICT")(error) && /nobody may/.test(error.message),
    );
  });

  it("refuses what would make groups nest each other in a circle", async () => {
    const log = await openLog();
    await log.editGroups([makeGroup("a", { nested: ["b"] }), makeGroup("b")]);
    const unnested = await log.editGroups([makeGroup("a")]);
    await log.editGroups([makeGroup("b", { nested: ["a"] })]);
    await assert.rejects(
      log.revert(unnested),
      (error: Error) => hasReason("REVERT_CONFLICT")(error) && /in a circle/.test(error.message),
    );
  });

  it("refuses what another source manages by now", async () => {
    const log = await openLog();
    await log.apply(pool("a"), { source: "one" });
    const gone = await log.apply("{}", { source: "one" });
    const taken = await log.apply(pool("a"), { source: "two" });
    await assert.rejects(log.revert(gone), conflict("pool", "a", taken.toString()));
    const added = await log.editGroups([makeGroup("g", { members: ["user:y@x.com"] })]);
    const edited = await log.editGroups([makeGroup("g", { members: ["user:x@x.com"] })]);
    await log.setGroups([makeGroup("administrators", { members: [people.root] })]);
    await log.apply('groups: [{ name: g, members: ["user:x@x.com"] }]', { source: "one" });
    for (const revision of [added, edited]) {
      await assert.rejects(
        log.revert(revision),
        (error: Error) => hasReason("REVERT_CONFLICT")(error) && /manager/.test(error.message),
      );
    }
    const less = await log.editGroups([makeGroup("h", { members: ["user:x@x.com"] })]);
    await log.editGroups([makeGroup("h")]);
    await log.setGroups([makeGroup("administrators", { members: [people.root] })]);
    await log.apply("groups: [{ name: h }]", { source: "three" });
    await assert.rejects(log.revert(less + 1n), hasReason("REVERT_CONFLICT", { key: "h" }));
  });

  it("never brings an API key back, and never takes one away", async () => {
    const log = await openLog();
    const wanted = { identity: "user:ann@example.com", description: "", ttlSeconds: undefined };
    const rest = { noExpiry: true, requestId: "", reason: "" };
    const { apiKey } = await createApiKey(log.deps, people.root, { ...wanted, ...rest });
    await revokeApiKey(log.deps, people.root, { id: apiKey.id, requestId: "", reason: "" });
    for (const revision of [3n, 4n]) {
      await assert.rejects(
        log.revert(revision),
        hasReason("REVERT_CONFLICT", { kind: "api_key", key: apiKey.id }),
      );
    }
  });

  it("refuses what names a person who was erased", async () => {
    const log = await openLog();
    const x = "user:x@example.com";
    const added = await log.editGroups([team(people.member, x)]);
    const removed = await log.editGroups([team(people.member)]);
    const erasing = { identity: x, author: people.root, reason: "asked for", dryRun: false };
    await eraseIdentity(log.storage, erasing);
    for (const revision of [added, removed]) {
      await assert.rejects(
        log.revert(revision),
        (error: Error) => hasReason("REVERT_CONFLICT")(error) && /erased/.test(error.message),
      );
    }
  });

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
