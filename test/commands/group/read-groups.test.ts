import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { getGroup, maxMembersOfAnswer } from "../../../src/commands/group/get-group.ts";
import { groupEtag } from "../../../src/commands/group/group-etag.ts";
import { checkNamePrefix, listGroups } from "../../../src/commands/group/list-groups.ts";
import { invalidField } from "../../../src/domain/errors.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { hasReason } from "../../support/errors.ts";
import {
  auditor,
  creator,
  makeGroup,
  nobody,
  owner,
  root,
  stateOf,
  usualGroups,
} from "./support.ts";

const state = stateOf();

function read(asker: Identity, from = state) {
  return { asker, rights: from.snapshot, state: from };
}

describe("GetGroup", () => {
  it("shows who may read the group all of it, members sorted as typed", () => {
    const found = getGroup(read(owner), "team", false, undefined);
    assert.deepEqual(found, {
      group: {
        name: "team",
        description: "The team.",
        owners: "team-owners",
        globs: ["service:team-*"],
        nested: ["helpers"],
        memberCount: 2,
        managedBy: "",
        etag: groupEtag(new Uint8Array(32), "team", 7n),
        takeOver: undefined,
      },
      members: ["user:Ann@example.com", "user:bob@example.com"],
    });
  });

  it("shows the etag to those only who may edit the group", () => {
    assert.equal(getGroup(read(auditor), "team", true, undefined).group.etag, "");
    assert.notEqual(getGroup(read(root), "team", true, undefined).group.etag, "");
  });

  it("leaves members out when asked to, and says who manages the group", () => {
    const { group, members } = getGroup(read(owner), "managed", true, undefined);
    assert.deepEqual([members, group.memberCount, group.managedBy], [[], 1, "main"]);
  });

  it("is forbidden to others with the same words for every name, before anything else", () => {
    const problem = invalidField("consistency", "bad");
    for (const asker of [nobody, creator, owner]) {
      for (const name of ["secret", "none", "A B", "", "ldap/eng"]) {
        assert.throws(
          () => getGroup(read(asker), name, false, problem),
          hasReason("GROUP_FORBIDDEN", { group: name, action: "read" }),
        );
      }
    }
  });

  it("tells readers what is wrong with the request, then that there is none", () => {
    const problem = invalidField("consistency", "bad");
    assert.throws(
      () => getGroup(read(auditor), "A B", false, problem),
      hasReason("INVALID_FIELD", { field: "consistency" }),
    );
    assert.throws(
      () => getGroup(read(auditor), "A B", false, undefined),
      hasReason("INVALID_FIELD", { field: "name" }),
    );
    assert.throws(() => getGroup(read(auditor), "none", false, undefined), hasReason("NOT_FOUND"));
  });

  it("refuses to hold more members than it says, and holds as many", () => {
    const members = Array.from({ length: maxMembersOfAnswer + 1 }, (_, index) => `bot:${index}`);
    const large = read(root, stateOf([...usualGroups, makeGroup("large", { members })]));
    assert.throws(
      () => getGroup(large, "large", false, undefined),
      hasReason("LIMIT_EXCEEDED", { limit: "group_members" }),
    );
    assert.equal(getGroup(large, "large", true, undefined).group.memberCount, members.length);
    const less = [...usualGroups, makeGroup("large", { members: members.slice(1) })];
    const found = getGroup(read(root, stateOf(less)), "large", false, undefined);
    assert.equal(found.members.length, maxMembersOfAnswer);
  });
});

describe("ListGroups", () => {
  const names = (asker: Identity, prefix = ""): readonly string[] =>
    listGroups(read(asker), prefix).map(({ name }) => name);

  it("lists all for readers, for others what they own, by name", () => {
    const all = [...usualGroups.map(({ name }) => name), "managed"].sort();
    assert.deepEqual(names(root), all);
    assert.deepEqual(names(auditor), all);
    assert.deepEqual(names(owner), ["helpers", "managed", "team"]);
    assert.deepEqual(names(nobody), []);
  });

  it("lists only what begins so", () => {
    assert.deepEqual(names(root, "team"), ["team", "team-owners"]);
    assert.deepEqual(names(root, "ldap/"), ["ldap/eng"]);
  });

  it("refuses a beginning that no name has", () => {
    for (const prefix of ["A", "a b", "a".repeat(202)]) {
      assert.throws(() => checkNamePrefix(prefix), hasReason("INVALID_FIELD", { field: "prefix" }));
    }
  });
});
