import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import type { CommandDeps } from "../../../src/commands/deps.ts";
import { addMembers, removeMembers } from "../../../src/commands/group/change-members.ts";
import { importGroups } from "../../../src/commands/group/import-groups.ts";
import { sortedMembers } from "../../../src/commands/group/group-view.ts";
import { DomainError } from "../../../src/domain/errors.ts";
import { useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { createTestCommands } from "../support.ts";
import { begin, groupOf, imported, update } from "./live-support.ts";
import { nobody, owner, root, writing } from "./support.ts";

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
