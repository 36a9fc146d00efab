import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { addMembers, removeMembers } from "../../../src/commands/group/change-members.ts";
import { createGroup } from "../../../src/commands/group/create-group.ts";
import { deleteGroup } from "../../../src/commands/group/delete-group.ts";
import { importGroups } from "../../../src/commands/group/import-groups.ts";
import { useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { begin, imported, revisionOf, update } from "./live-support.ts";
import { groupInput, nobody, owner, root, writing } from "./support.ts";

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

  it("about members needs no earlier state, unless nothing was to be done and the group has changed since", async () => {
    const deps = await begin(await open());
    let asked = 0;
    const quick: typeof deps.storage.quick = (use, timeoutMs) => {
      asked += 1;
      return deps.storage.quick(use, timeoutMs);
    };
    const counting = { ...deps, storage: { ...deps.storage, quick } };
    const one = (member: string) => ({
      ...{ ...writing, requestId: randomUUID(), group: "team", members: [member] },
    });
    const [done, idle] = [one("bot:a"), one("user:ann@example.com")];
    const first = [
      await addMembers(counting, owner, done),
      await addMembers(counting, owner, idle),
    ] as const;
    await createGroup(deps, root, { ...writing, group: groupInput("other") });
    assert.deepEqual(await addMembers(counting, owner, idle), first[1]);
    await addMembers(deps, owner, one("bot:b"));
    assert.deepEqual(await addMembers(counting, owner, done), first[0]);
    assert.equal(asked, 0);
    assert.deepEqual(await addMembers(counting, owner, idle), first[1]);
    assert.equal(asked, 1);
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
