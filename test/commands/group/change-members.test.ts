import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addMembers, removeMembers } from "../../../src/commands/group/change-members.ts";
import type { Reason } from "../../../src/domain/errors.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { hasReason } from "../../support/errors.ts";
import { auditor, depsOn, owner, root, stateOf, validating } from "./support.ts";

type Case = readonly [
  title: string,
  author: Identity,
  group: string,
  members: readonly string[],
  reason: Reason,
  metadata?: Readonly<Record<string, string>>,
];

const good = ["user:new@example.com"];

const cases: readonly Case[] = [
  [
    "who may not edit the group is refused, whatever else is wrong",
    auditor,
    "team",
    ["x"],
    "GROUP_FORBIDDEN",
    { group: "team", action: "edit" },
  ],
  [
    "with the same words when there is none",
    auditor,
    "none",
    ["x"],
    "GROUP_FORBIDDEN",
    { group: "none", action: "edit" },
  ],
  ["the name must be one", root, "A", good, "INVALID_FIELD", { field: "group" }],
  ["external groups are imported", root, "ldap/eng", ["x"], "GROUP_PROTECTED"],
  [
    "members are identities",
    owner,
    "team",
    [...good, "group:x"],
    "INVALID_FIELD",
    { field: "members[1]" },
  ],
  [
    "there is a limit",
    owner,
    "team",
    Array<string>(1_000_001).fill("x"),
    "INVALID_FIELD",
    { field: "members" },
  ],
  ["members come before the state", root, "none", ["x"], "INVALID_FIELD"],
  ["administrators learn that there is none", root, "none", good, "NOT_FOUND"],
  ["a source manages it", owner, "managed", good, "MANAGED_BY_SOURCE"],
];

for (const [method, change] of Object.entries({ addMembers, removeMembers })) {
  describe(method, () => {
    for (const [title, author, group, members, reason, metadata] of cases) {
      it(`${title}: ${reason}`, async () => {
        const made = change(depsOn(stateOf()), author, { ...validating, group, members });
        await assert.rejects(made, hasReason(reason, metadata));
      });
    }
  });
}

describe("what they change", () => {
  const members = ["user:ann@example.com", "user:ANN@example.com", "bot:x", "bot:x", "bot:X"];

  it("adding counts who was no member in any spelling, each once", async () => {
    const added = await addMembers(depsOn(stateOf()), owner, {
      ...validating,
      group: "team",
      members,
    });
    assert.equal(added.count, 2);
  });

  it("removing counts who was a member in any spelling, each once", async () => {
    const removed = await removeMembers(depsOn(stateOf()), owner, {
      ...validating,
      group: "team",
      members,
    });
    assert.equal(removed.count, 1);
  });

  it("the last administrator is not removed, with or without an override", async () => {
    for (const allowLockOut of [false, true]) {
      const guards = { ...validating.guards, allowLockOut };
      const removed = removeMembers(depsOn(stateOf()), root, {
        ...validating,
        guards,
        group: "administrators",
        members: [root],
      });
      await assert.rejects(removed, hasReason("INVALID_FIELD", { field: "group.members" }));
    }
  });
});
