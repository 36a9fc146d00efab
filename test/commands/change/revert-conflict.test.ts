import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createApiKey } from "../../../src/commands/create-api-key.ts";
import { revokeApiKey } from "../../../src/commands/revoke-api-key.ts";
import { eraseIdentity } from "../../../src/storage/history/erase-identity.ts";
import { useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { makeGroup, openTestLog, people, pool, team } from "./support.ts";

const open = useDatabase();
const openLog = async () => openTestLog(await open());
const conflict = (entity: string, key: string, by: string) =>
  hasReason("REVERT_CONFLICT", { kind: entity, key, by });

describe("revertChange", () => {
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
        (error: Error) =>
          hasReason("REVERT_CONFLICT")(error) && /by source "one"/.test(error.message),
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
});
