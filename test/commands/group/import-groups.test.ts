import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { importGroups } from "../../../src/commands/group/import-groups.ts";
import {
  createImportedGroups,
  maxImportedGroups,
  maxImportedMembers,
  maxImportedText,
  maxImportMessages,
  maxMembersOfMessage,
} from "../../../src/commands/group/imported-groups.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import type { Group } from "../../../src/domain/model.ts";
import { hasReason } from "../../support/errors.ts";
import {
  auditor,
  depsOn,
  importer,
  makeGroup,
  root,
  stateOf,
  usualGroups,
  usualPolicy,
  validating,
} from "./support.ts";

const groups: readonly Group[] = [
  ...usualGroups.filter(({ name }) => name !== "group-importers"),
  makeGroup("group-importers", { members: [importer, auditor] }),
  makeGroup("ldap/same", { members: ["user:Ann@example.com"] }),
  makeGroup("ldap/nested", { members: ["user:a@example.com", "user:b@example.com"] }),
  makeGroup("ldap/owning", { members: ["user:a@example.com"] }),
  makeGroup("ldap/bound", { members: ["user:a@example.com"] }),
  makeGroup("ldap/reading"),
  makeGroup("ldap/gone", { members: ["user:a@example.com"] }),
  makeGroup("ldap-x/other", { members: ["user:a@example.com"] }),
  makeGroup("outer", { owners: "ldap/owning", nested: ["ldap/nested"] }),
];

const policy = {
  ...usualPolicy,
  settings: usualPolicy.settings && { ...usualPolicy.settings, usersGroup: "ldap/reading" },
  projects: usualPolicy.projects.map((project) => ({
    ...project,
    realms: project.realms.map((realm) => ({
      ...realm,
      bindings: [
        { role: "role/swarming.poolUser", principals: ["group:ldap/bound"], conditions: [] },
      ],
    })),
  })),
};

function run(author: Identity, sent: Readonly<Record<string, readonly string[]>>, prefix = "ldap") {
  const builder = createImportedGroups(prefix);
  for (const [name, members] of Object.entries(sent)) builder.add({ name, members });
  return importGroups(depsOn(stateOf(groups, policy)), author, {
    ...validating,
    prefix,
    groups: builder.build(),
  });
}

describe("ImportGroups", () => {
  it("is for importers, not for administrators as such", async () => {
    await assert.rejects(run(root, {}), hasReason("GROUP_REQUIRED", { group: "group-importers" }));
  });

  it("replaces what has the prefix: what is not sent goes, or is emptied while it is in use", async () => {
    const {
      revisionToken: _,
      effects,
      ...counts
    } = await run(auditor, {
      "ldap/same": ["user:ann@example.com"],
      "ldap/eng": ["user:eng@example.com", "user:x@example.com", "user:X@example.com"],
      "ldap/new": ["user:n@example.com"],
      "ldap/empty": [],
    });
    assert.deepEqual(counts, {
      groupsCreated: 2,
      groupsUpdated: 4,
      groupsDeleted: 1,
      groupsEmptied: ["ldap/bound", "ldap/nested", "ldap/owning"],
      membersAdded: 2,
      membersRemoved: 5,
    });
    assert.notEqual(effects, undefined);
  });

  it("tells who is no reader neither which groups are in use nor effects", async () => {
    const { groupsEmptied, effects, groupsUpdated } = await run(importer, {});
    assert.deepEqual([groupsEmptied, effects, groupsUpdated], [[], undefined, 3]);
  });

  it("refuses a prefix of which a source manages a group, and names it to readers only", async () => {
    const managed = { ...policy, groups: [makeGroup("ldap/managed")] };
    const attempt = (author: Identity) =>
      importGroups(depsOn(stateOf(groups, managed)), author, {
        ...validating,
        prefix: "ldap",
        groups: createImportedGroups("ldap").build(),
      });
    await assert.rejects(
      attempt(auditor),
      hasReason("MANAGED_BY_SOURCE", { group: "ldap/managed", source: "main" }),
    );
    await assert.rejects(attempt(importer), (error: { readonly message: string }) => {
      assert.ok(hasReason("MANAGED_BY_SOURCE", { prefix: "ldap" })(error));
      assert.doesNotMatch(JSON.stringify([error.message, error]), /ldap\/managed|"main/);
      return true;
    });
  });
});

describe("the messages of an import", () => {
  const builder = (): ReturnType<typeof createImportedGroups> => createImportedGroups("ldap");

  it("have a prefix without its slash", () => {
    for (const prefix of ["", "ldap/", "Ldap", "l1", "a".repeat(101), "ldap\n"]) {
      assert.throws(
        () => createImportedGroups(prefix),
        hasReason("INVALID_FIELD", { field: "options.prefix" }),
      );
    }
    createImportedGroups("a-b");
  });

  it("name groups of that prefix", () => {
    for (const name of ["", "ldap", "ldap/", "ldap/A", "ldap/a/b", "ldap-x/a", "x/a", "ldap/a\n"]) {
      assert.throws(
        () => builder().add({ name, members: [] }),
        hasReason("INVALID_FIELD", { field: "group.name" }),
      );
    }
  });

  it("hold identities", () => {
    assert.throws(
      () => builder().add({ name: "ldap/a", members: ["bot:a", "bot"] }),
      hasReason("INVALID_FIELD", { field: "group.members[1]" }),
    );
  });

  it("may hold the members of one group bit by bit, and a member twice", () => {
    const groups = builder();
    groups.add({ name: "ldap/b", members: ["user:B@x.y", "bot:b"] });
    groups.add({ name: "ldap/a", members: [] });
    groups.add({ name: "ldap/b", members: ["user:b@x.y", "bot:a"] });
    assert.deepEqual(
      [...groups.build()].map(([name, members]) => [name, ...members.values()]),
      [["ldap/a"], ["ldap/b", "bot:a", "bot:b", "user:B@x.y"]],
    );
  });

  it("have limits, which hold as they come", () => {
    const list = (count: number): string[] => Array<string>(count).fill("bot:a");
    assert.throws(
      () => builder().add({ name: "ldap/a", members: list(maxMembersOfMessage + 1) }),
      hasReason("INVALID_FIELD", { field: "group.members" }),
    );

    const members = builder();
    for (let sum = 0; sum < maxImportedMembers; sum += maxMembersOfMessage) {
      members.add({ name: "ldap/a", members: list(maxMembersOfMessage) });
    }
    assert.throws(
      () => members.add({ name: "ldap/a", members: ["bot:a"] }),
      hasReason("LIMIT_EXCEEDED", { limit: "import_members" }),
    );

    const names = builder();
    for (let index = 0; index < maxImportedGroups; index += 1) {
      names.add({ name: `ldap/${index}`, members: [] });
    }
    names.add({ name: "ldap/0", members: [] });
    assert.throws(
      () => names.add({ name: "ldap/x", members: [] }),
      hasReason("LIMIT_EXCEEDED", { limit: "import_groups" }),
    );

    const long = `bot:${"a".repeat(500)}`;
    const text = builder();
    const part = Array<string>(maxMembersOfMessage).fill(long);
    const parts = Math.floor(maxImportedText / (part.length * long.length + 6));
    for (let index = 0; index < parts; index += 1) text.add({ name: "ldap/a", members: part });
    assert.throws(
      () => text.add({ name: "ldap/a", members: part }),
      hasReason("LIMIT_EXCEEDED", { limit: "import_text" }),
    );

    const messages = builder();
    for (let index = 0; index < maxImportMessages; index += 1) {
      messages.add({ name: "ldap/a", members: [] });
    }
    assert.throws(
      () => messages.add({ name: "ldap/a", members: [] }),
      hasReason("LIMIT_EXCEEDED", { limit: "import_messages" }),
    );
  });
});

describe("an import of groups that Fleetgate's own rights hang on", () => {
  const inside = ["administrators", "group-creators", "group-importers", "auditors"];

  /** Groups in which one of these nests `ldap/top`, and by way of another one `ldap/deep`. */
  const nesting = (name: string): readonly Group[] => [
    ...groups.map((group) =>
      group.name === name ? { ...group, nested: ["ldap/top", "bridge"] } : group,
    ),
    makeGroup("bridge", { nested: ["ldap/deep"] }),
    makeGroup("ldap/top", { members: ["user:a@example.com"] }),
    makeGroup("ldap/deep", { members: ["user:a@example.com"] }),
  ];

  const send = (
    author: Identity,
    of: readonly Group[],
    group: string,
    members: readonly string[],
  ) => {
    const builder = createImportedGroups("ldap");
    for (const { name, members: known } of of) {
      if (name.startsWith("ldap/"))
        builder.add({ name, members: name === group ? members : known });
    }
    const input = { ...validating, prefix: "ldap", groups: builder.build() };
    return importGroups(depsOn(stateOf(of, policy)), author, input);
  };

  for (const name of inside) {
    it(`is for administrators: ${name}`, async () => {
      const of = nesting(name);
      for (const group of ["ldap/top", "ldap/deep"]) {
        for (const members of [["user:a@example.com", importer], []]) {
          await assert.rejects(
            send(importer, of, group, members),
            hasReason("GROUP_FORBIDDEN", { group, action: "import" }),
          );
        }
      }
    });
  }

  // Who owns a group puts into it whom it likes.
  for (const name of ["group-creators", "group-importers", "auditors", "bridge"]) {
    it(`is for administrators when they own one: ${name}`, async () => {
      const of = nesting("auditors").map((group) =>
        group.name === name ? { ...group, owners: "ldap/same" } : group,
      );
      await assert.rejects(
        send(importer, of, "ldap/same", [importer]),
        hasReason("GROUP_FORBIDDEN", { group: "ldap/same", action: "import" }),
      );
    });
  }

  it("is for importers as long as these groups stay as they are", async () => {
    await send(importer, nesting("administrators"), "ldap/same", ["user:new@example.com"]);
  });

  it("is what administrators may do who are importers too", async () => {
    const of = nesting("administrators").map((group) =>
      group.name === "group-importers" ? { ...group, members: [root] } : group,
    );
    await send(root, of, "ldap/top", ["user:a@example.com", "user:new@example.com"]);
  });
});
