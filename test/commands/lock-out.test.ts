import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { locksOut, lockOutGuards } from "../../src/commands/guards.ts";
import { removeMembers } from "../../src/commands/group/change-members.ts";
import { importGroups } from "../../src/commands/group/import-groups.ts";
import { createImportedGroups } from "../../src/commands/group/imported-groups.ts";
import { updateGroup } from "../../src/commands/group/update-group.ts";
import type { CommandDeps } from "../../src/commands/deps.ts";
import type { WriteInput } from "../../src/commands/group/change-groups.ts";
import type { Identity } from "../../src/domain/identity.ts";
import type { Group } from "../../src/domain/model.ts";
import { hasReason } from "../support/errors.ts";
import { depsOn, groupInput, makeGroup, root, stateOf, validating } from "./group/support.ts";

const other = "user:other@example.com" as Identity;

/** `root` and `other` are administrators, each by one group: of members, and imported. */
const groups = (members: readonly string[], imported: readonly string[]): readonly Group[] => [
  makeGroup("administrators", { members, nested: ["ldap/admins"] }),
  makeGroup("ldap/admins", { members: imported }),
];

type Write = (deps: CommandDeps, write: WriteInput) => Promise<unknown>;

const removeRoot: Write = (deps, write) =>
  removeMembers(deps, root, {
    ...write,
    group: "administrators",
    members: ["user:ROOT@example.com"],
  });

const replaceRoot: Write = (deps, write) =>
  updateGroup(deps, root, {
    ...write,
    ...{ group: groupInput("administrators", { members: [other] }), etag: "" },
    updateMask: ["members"],
  });

const nestNothing: Write = (deps, write) =>
  updateGroup(deps, root, {
    ...write,
    ...{ group: groupInput("administrators"), updateMask: ["nested"], etag: "" },
  });

const importNobody: Write = (deps, write) => {
  const messages = createImportedGroups("ldap");
  messages.add({ name: "ldap/admins", members: [] });
  return importGroups(deps, root, { ...write, prefix: "ldap", groups: messages.build() });
};

describe("a lock-out", () => {
  const cases: readonly (readonly [string, readonly Group[], Write])[] = [
    ["who takes their own membership away", groups([root, other], []), removeRoot],
    ["who replaces themselves", groups([root], [other]), replaceRoot],
    ["who takes away the group by which they administer", groups([other], [root]), nestNothing],
    ["who imports it without themselves", groups([other], [root]), importNobody],
  ];
  for (const [title, before, write] of cases) {
    it(`of its author is refused unless it is allowed: ${title}`, async () => {
      const deps = depsOn(stateOf(before));
      await assert.rejects(write(deps, validating), hasReason("LOCK_OUT"));
      await write(deps, { ...validating, guards: { ...lockOutGuards, allowLockOut: true } });
    });
  }

  const kept: readonly (readonly [string, readonly Group[], Write])[] = [
    ["a membership", groups([root, other], [root]), removeRoot],
    ["a nested group", groups([root, other], [root]), nestNothing],
    ["an imported group", groups([root], [root]), importNobody],
  ];
  for (const [title, before, write] of kept) {
    it(`it is none as long as its author administers all the same: without ${title}`, async () => {
      await write(depsOn(stateOf(before)), validating);
    });
  }

  it("is one that leaves only globs, though the author matches them: others may be nobody", () => {
    const globs = ["user:*@example.com"];
    const transition = {
      before: stateOf(groups([root], [])),
      after: stateOf([makeGroup("administrators", { globs })]),
      changes: [],
    };
    assert.equal(locksOut(transition, root), true);
    const both = stateOf([makeGroup("administrators", { globs, members: [other] })]);
    assert.equal(locksOut({ ...transition, after: both }, root), false);
  });
});
