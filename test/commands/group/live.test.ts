import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { applyConfig } from "../../../src/commands/apply-config.ts";
import { bootstrapKey } from "../../../src/commands/bootstrap-key.ts";
import type { CommandDeps } from "../../../src/commands/deps.ts";
import { addMembers, removeMembers } from "../../../src/commands/group/change-members.ts";
import { createGroup } from "../../../src/commands/group/create-group.ts";
import { deleteGroup } from "../../../src/commands/group/delete-group.ts";
import { importGroups } from "../../../src/commands/group/import-groups.ts";
import { createImportedGroups } from "../../../src/commands/group/imported-groups.ts";
import { sortedMembers } from "../../../src/commands/group/group-view.ts";
import { updateGroup } from "../../../src/commands/group/update-group.ts";
import { DomainError } from "../../../src/domain/errors.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import type { GroupEntry } from "../../../src/engine/group-entry.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { forEachBackend, useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { applyInput, createTestCommands } from "../support.ts";
import { groupInput, nobody, owner, root, writing } from "./support.ts";

/** Commands on a database in which `root` administers, and `owner` owns the group `team` of nobody. */
async function begin(storage: Storage): Promise<CommandDeps> {
  const { deps } = await createTestCommands(storage);
  const key = { identity: root, description: "", ttlSeconds: undefined, noExpiry: true };
  await bootstrapKey(deps, { ...key, breakGlass: false, reason: "" });
  await deps.replica.refresh();
  const owners = groupInput("team-owners", { members: [owner] });
  await createGroup(deps, root, { ...writing, group: owners });
  const team = groupInput("team", { owners: "team-owners", members: ["user:Ann@example.com"] });
  await createGroup(deps, root, { ...writing, group: team });
  return deps;
}

function groupOf(deps: CommandDeps, name: string): GroupEntry {
  return deps.replica.current()?.snapshot.groups.entry(name) ?? assert.fail(`no group ${name}`);
}

function revisionOf(deps: CommandDeps): bigint {
  return deps.replica.current()?.revision ?? assert.fail();
}

const update = (
  deps: CommandDeps,
  author: Identity,
  name: string,
  mask: readonly string[],
  more: Parameters<typeof groupInput>[1],
  rest: { readonly etag?: string; readonly requestId?: string } = {},
) =>
  updateGroup(deps, author, {
    ...writing,
    group: groupInput(name, more),
    updateMask: mask,
    etag: "",
    ...rest,
  });

const imported = (prefix: string, sent: Readonly<Record<string, readonly string[]>>) => {
  const groups = createImportedGroups(prefix);
  for (const [name, members] of Object.entries(sent)) groups.add({ name, members });
  return { prefix, groups: groups.build() };
};

forEachBackend((_, open) => {
  it("makes a group live with all that it is, and takes it back", async () => {
    const deps = await begin(await open());
    const group = groupInput("new", {
      description: "New.",
      owners: "team-owners",
      members: ["user:B@example.com", "bot:a"],
      globs: ["service:x*"],
      nested: ["team"],
    });
    const made = await createGroup(deps, root, { ...writing, group });
    const entry = groupOf(deps, "new");
    assert.deepEqual(sortedMembers(entry), ["bot:a", "user:B@example.com"]);
    assert.deepEqual(
      [entry.description, entry.owners, entry.globs, entry.nested, entry.managedBy],
      ["New.", "team-owners", ["service:x*"], ["team"], ""],
    );
    const removed = deleteGroup(deps, owner, { ...writing, name: "new", etag: "old" });
    await assert.rejects(removed, hasReason("ETAG_MISMATCH"));
    await deleteGroup(deps, owner, { ...writing, name: "new", etag: made.group.etag });
    assert.equal(deps.replica.current()?.snapshot.groups.entry("new"), undefined);
  });

  it("gives an etag with every write that the next one can use, and takes none that is old", async () => {
    const deps = await begin(await open());
    const first = await addMembers(deps, owner, { ...writing, group: "team", members: ["bot:a"] });
    const second = await update(deps, owner, "team", ["description"], { description: "x" }, first);
    await assert.rejects(
      update(deps, owner, "team", ["description"], { description: "y" }, first),
      hasReason("ETAG_MISMATCH"),
    );
    const { etag } = second.group;
    // What happens to other groups does not matter.
    await addMembers(deps, root, { ...writing, group: "team-owners", members: ["bot:z"] });
    await update(deps, owner, "team", ["description"], { description: "y" }, { etag });
  });

  it("makes no revision when nothing changes, and says the etag that there is", async () => {
    const deps = await begin(await open());
    const { etag } = await addMembers(deps, owner, {
      ...writing,
      group: "team",
      members: ["bot:a"],
    });
    const before = revisionOf(deps);
    const members = ["user:ann@EXAMPLE.com", "bot:a"];
    const added = await addMembers(deps, owner, { ...writing, group: "team", members });
    const none = ["user:none@example.com"];
    const removed = await removeMembers(deps, owner, { ...writing, group: "team", members: none });
    const same = { members: ["bot:a", "user:Ann@example.com"], owners: "team-owners" };
    const updated = await update(deps, owner, "team", ["members", "owners"], same);
    assert.deepEqual([added.count, removed.count], [0, 0]);
    assert.deepEqual([added.etag, removed.etag, updated.group.etag], [etag, etag, etag]);
    assert.equal(revisionOf(deps), before);
  });

  it("keeps the spelling of members that are added again, and takes that of an update", async () => {
    const deps = await begin(await open());
    const members = ["user:ANN@example.com"];
    await addMembers(deps, owner, { ...writing, group: "team", members: [...members, "bot:a"] });
    assert.deepEqual(sortedMembers(groupOf(deps, "team")), ["bot:a", "user:Ann@example.com"]);
    await update(deps, owner, "team", ["members"], { members });
    assert.deepEqual(sortedMembers(groupOf(deps, "team")), members);
    await removeMembers(deps, owner, {
      ...writing,
      group: "team",
      members: ["user:ann@example.com"],
    });
    assert.deepEqual(sortedMembers(groupOf(deps, "team")), []);
  });

  it("imports, and imports again without a change", async () => {
    const deps = await begin(await open());
    const sent = { "ldap/a": ["user:A@example.com", "bot:x"], "ldap/b": [] };
    const first = await importGroups(deps, root, { ...writing, ...imported("ldap", sent) });
    assert.deepEqual([first.groupsCreated, first.membersAdded], [2, 2]);
    const again = { "ldap/a": ["user:a@example.com", "bot:x"], "ldap/b": [] };
    const before = revisionOf(deps);
    const second = await importGroups(deps, root, { ...writing, ...imported("ldap", again) });
    assert.deepEqual(
      [second.groupsCreated, second.groupsUpdated, second.membersAdded, second.membersRemoved],
      [0, 0, 0, 0],
    );
    assert.equal(revisionOf(deps), before);
    await update(deps, root, "team", ["nested"], { nested: ["ldap/a"] });
    const third = await importGroups(deps, root, { ...writing, ...imported("ldap", {}) });
    assert.deepEqual(
      [third.groupsDeleted, third.groupsUpdated, third.groupsEmptied, third.membersRemoved],
      [1, 1, ["ldap/a"], 2],
    );
    assert.equal(groupOf(deps, "ldap/a").members.size, 0);
  });

  it("leaves groups of sources alone", async () => {
    const deps = await begin(await open());
    await applyConfig(deps, root, {
      ...applyInput("groups: [{ name: managed, owners: team-owners, members: [bot:a] }]"),
      guards: writing.guards,
      summaryOnly: true,
    });
    const added = addMembers(deps, owner, { ...writing, group: "managed", members: ["bot:b"] });
    await assert.rejects(added, hasReason("MANAGED_BY_SOURCE", { source: "main" }));
  });
});

describe("a refused request", () => {
  const open = useDatabase();

  it("is refused alike whatever it has for a request id, which storage is not asked about", async () => {
    const deps = await begin(await open());
    for (const requestId of ["", "a\u0000b", "x".repeat(100_000), randomUUID()]) {
      const add = { ...writing, requestId, group: "team", members: ["bot:a"] };
      await assert.rejects(addMembers(deps, nobody, add), hasReason("GROUP_FORBIDDEN"));
    }
  });
});

describe("a repeated request", () => {
  const open = useDatabase();

  it("answers as the first, whatever was done since, and changes nothing", async () => {
    const deps = await begin(await open());
    const id = () => ({ ...writing, requestId: randomUUID() });
    const ids = { create: id(), update: id(), add: id(), remove: id(), import: id() };
    const sent = imported("ldap", { "ldap/a": ["bot:a", "bot:b"] });
    const members = ["bot:a", "bot:b", "user:Ann@example.com"];
    const group = groupInput("made", { members: ["bot:a"], nested: ["team"], globs: ["bot:*"] });
    const all = async () => ({
      created: await createGroup(deps, root, { ...ids.create, group }),
      updated: await update(deps, owner, "team", ["description"], { description: "x" }, ids.update),
      added: await addMembers(deps, owner, { ...ids.add, group: "team", members }),
      removed: await removeMembers(deps, owner, { ...ids.remove, group: "team", members }),
      imported: await importGroups(deps, root, { ...ids.import, ...sent }),
    });
    const first = await all();
    assert.deepEqual(
      [first.added.count, first.removed.count, first.imported.membersAdded],
      [2, 3, 2],
    );
    await deleteGroup(deps, root, { ...writing, name: "made", etag: "" });
    await update(deps, root, "team", ["members", "owners"], { members: ["bot:z"] });
    await importGroups(deps, root, { ...writing, ...imported("ldap", {}) });
    const before = revisionOf(deps);
    // The owners of `team` are others now, and may not edit it: their own requests are answered all the same.
    assert.deepEqual(await all(), first);
    assert.equal(revisionOf(deps), before);
  });

  it("answers so when it found nothing to change, with the etag of then", async () => {
    const deps = await begin(await open());
    const requestId = randomUUID();
    const add = () =>
      addMembers(deps, owner, {
        ...writing,
        requestId,
        group: "team",
        members: ["user:ann@example.com"],
      });
    const first = await add();
    assert.equal(first.count, 0);
    assert.deepEqual(await add(), first);
  });

  it("answers so to who lost the right by it, and to nobody else", async () => {
    const deps = await begin(await open());
    const remove = { ...writing, requestId: randomUUID(), name: "team", etag: "" };
    const first = await deleteGroup(deps, owner, remove);
    assert.deepEqual(await deleteGroup(deps, owner, remove), first);
    await assert.rejects(deleteGroup(deps, nobody, remove), hasReason("GROUP_FORBIDDEN"));
    const another = { ...remove, requestId: randomUUID() };
    await assert.rejects(deleteGroup(deps, owner, another), hasReason("GROUP_FORBIDDEN"));
  });

  it("is refused for anything else", async () => {
    const deps = await begin(await open());
    const add = { ...writing, requestId: randomUUID(), group: "team" };
    await addMembers(deps, owner, { ...add, members: ["bot:a"] });
    for (const other of [
      addMembers(deps, owner, { ...add, members: ["bot:b"] }),
      removeMembers(deps, owner, { ...add, members: ["bot:a"] }),
      addMembers(deps, owner, { ...add, members: ["bot:a"], reason: "other" }),
    ]) {
      await assert.rejects(other, hasReason("REQUEST_ID_REUSED"));
    }
  });
});

describe("many at once", () => {
  const open = useDatabase();

  it("50 writers of one group lose nothing", async () => {
    const deps = await begin(await open());
    const writers = Array.from({ length: 50 }, (_, index) => index);
    await Promise.all(
      writers.map((index) =>
        addMembers(deps, owner, { ...writing, group: "team", members: [`bot:${index}`] }),
      ),
    );
    const expected = [...writers.map((index) => `bot:${index}`), "user:Ann@example.com"].sort();
    assert.deepEqual(sortedMembers(groupOf(deps, "team")), expected);
  });

  it("of those who have one etag one wins, and ABORTED is for the rest", async () => {
    const deps = await begin(await open());
    const { etag } = await addMembers(deps, owner, {
      ...writing,
      group: "team",
      members: ["bot:a"],
    });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        update(deps, owner, "team", ["description"], { description: `${index}` }, { etag }),
      ),
    );
    const won = outcomes.filter(({ status }) => status === "fulfilled");
    assert.equal(won.length, 1);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") assert.ok(hasReason("ETAG_MISMATCH")(outcome.reason));
    }
  });

  it("two replicas write one group in turn and at once, each on what the other has done", async () => {
    const storage = await open();
    const one = await begin(storage);
    const { deps: two } = await createTestCommands(storage);
    for (let round = 0; round < 5; round += 1) {
      // Neither of them follows by itself: each finds the other's change when it writes.
      await addMembers(one, owner, { ...writing, group: "team", members: [`bot:one-${round}`] });
      const seen = await addMembers(two, owner, {
        ...writing,
        group: "team",
        members: [`bot:one-${round}`],
      });
      assert.equal(seen.count, 0);
      const members = [`bot:one-${round}`];
      assert.equal(
        (await removeMembers(two, owner, { ...writing, group: "team", members })).count,
        1,
      );
      assert.equal((await addMembers(one, owner, { ...writing, group: "team", members })).count, 1);
      await Promise.all(
        [one, two].map((deps, index) =>
          addMembers(deps, owner, {
            ...writing,
            group: "team",
            members: [`bot:${round}-${index}`],
          }),
        ),
      );
    }
    await one.replica.refresh();
    await two.replica.refresh();
    assert.equal(groupOf(one, "team").members.size, 16);
    assert.deepEqual(sortedMembers(groupOf(two, "team")), sortedMembers(groupOf(one, "team")));
  });

  it("a right that another replica gave is found, and one that it took is not used", async () => {
    const storage = await open();
    const one = await begin(storage);
    const { deps: two } = await createTestCommands(storage);
    const add = (deps: CommandDeps) =>
      addMembers(deps, nobody, { ...writing, group: "team", members: ["bot:a"] });
    await assert.rejects(add(two), hasReason("GROUP_FORBIDDEN"));
    await addMembers(one, root, { ...writing, group: "team-owners", members: [nobody] });
    assert.equal((await add(two)).count, 1);
    await removeMembers(one, root, { ...writing, group: "team-owners", members: [nobody] });
    await assert.rejects(
      removeMembers(two, nobody, { ...writing, group: "team", members: ["bot:a"] }),
      hasReason("GROUP_FORBIDDEN"),
    );
  });

  it("who may not write does not wait for those who do", async () => {
    const storage = await open();
    const deps = await begin(storage);
    await storage.db.transaction().execute(async (tx) => {
      await tx.selectFrom("database").select("revision").forUpdate().executeTakeFirstOrThrow();
      for (const requestId of ["", randomUUID()]) {
        const add = { ...writing, requestId, group: "team", members: ["bot:a"] };
        await assert.rejects(addMembers(deps, nobody, add), hasReason("GROUP_FORBIDDEN"));
      }
    });
  });

  it("70,000 members come and go in one write each, and 70,000 groups in one import", async () => {
    const deps = await begin(await open());
    const members = Array.from({ length: 70_000 }, (_, index) => `user:u${index}@example.com`);
    assert.equal(
      (await addMembers(deps, owner, { ...writing, group: "team", members })).count,
      70_000,
    );
    assert.equal(groupOf(deps, "team").members.size, 70_001);
    const gone = await removeMembers(deps, owner, { ...writing, group: "team", members });
    assert.equal(gone.count, 70_000);
    const sent = Object.fromEntries(members.map((_, index) => [`ldap/g${index}`, []]));
    const result = await importGroups(deps, root, { ...writing, ...imported("ldap", sent) });
    assert.equal(result.groupsCreated, 70_000);
    assert.equal(deps.replica.current()?.snapshot.groups.groupCount, 70_003);
  });

  it("whoever locks themselves out is told so, and must mean it", async () => {
    const deps = await begin(await open());
    await addMembers(deps, root, { ...writing, group: "administrators", members: [nobody] });
    const remove = { ...writing, group: "administrators", members: [root] };
    await assert.rejects(removeMembers(deps, root, remove), (error) => {
      return error instanceof DomainError && error.reason === "LOCK_OUT";
    });
    const guards = { ...writing.guards, allowLockOut: true };
    assert.equal((await removeMembers(deps, root, { ...remove, guards })).count, 1);
  });
});
