import assert from "node:assert/strict";
import { it } from "node:test";
import { applyConfig } from "../../../src/commands/apply-config.ts";
import { addMembers, removeMembers } from "../../../src/commands/group/change-members.ts";
import { createGroup } from "../../../src/commands/group/create-group.ts";
import { deleteGroup } from "../../../src/commands/group/delete-group.ts";
import { importGroups } from "../../../src/commands/group/import-groups.ts";
import { sortedMembers } from "../../../src/commands/group/group-view.ts";
import { onPostgres } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { applyInput } from "../support.ts";
import { begin, groupOf, imported, revisionOf, update } from "./live-support.ts";
import { groupInput, owner, root, writing } from "./support.ts";

onPostgres((_, open) => {
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
