import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createGroup, type CreateGroupInput } from "../../../src/commands/group/create-group.ts";
import { maxGlobs, maxMembers, maxNested } from "../../../src/commands/group/group-syntax.ts";
import type { Reason } from "../../../src/domain/errors.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { hasReason } from "../../support/errors.ts";
import {
  auditor,
  creator,
  depsOn,
  groupInput,
  makeGroup,
  nobody,
  owner,
  root,
  stateOf,
  usualGroups,
  validating,
} from "./support.ts";

type Case = readonly [
  title: string,
  author: Identity,
  input: Partial<CreateGroupInput>,
  reason: Reason | "ok",
  metadata?: Readonly<Record<string, string>>,
];

const group = groupInput;

/** In the order of the rules: whatever breaks an earlier one too is in the rows before. */
const cases: readonly Case[] = [
  [
    "who may not create groups is refused, whatever else is wrong",
    root,
    { group: group("a b", { outputOnly: ["etag"] }) },
    "GROUP_REQUIRED",
    { group: "group-creators" },
  ],
  ["so are readers", auditor, { group: group("new") }, "GROUP_REQUIRED"],
  [
    "and for a name that is taken, with the same words",
    nobody,
    { group: group("team") },
    "GROUP_REQUIRED",
  ],
  [
    "a group that a binding names already is for administrators: its members would get what is bound",
    creator,
    { group: group("bound") },
    "GROUP_FORBIDDEN",
    { group: "bound", action: "create" },
  ],
  [
    "a group that rights hang on is for administrators",
    creator,
    { group: group("administrators") },
    "GROUP_FORBIDDEN",
    { group: "administrators", action: "create" },
  ],
  ["so is one that the settings name", creator, { group: group("fleet-users") }, "GROUP_FORBIDDEN"],
  ["so is one that a delegation names", creator, { group: group("delegates") }, "GROUP_FORBIDDEN"],
  ["there must be a group", creator, { group: undefined }, "INVALID_FIELD", { field: "group" }],
  [
    "its name must be one",
    creator,
    { group: group("a b") },
    "INVALID_FIELD",
    { field: "group.name" },
  ],
  ["and not be empty", creator, { group: group("") }, "INVALID_FIELD", { field: "group.name" }],
  [
    "external groups are imported",
    creator,
    { group: group("ldap/new", { members: ["?"] }) },
    "GROUP_PROTECTED",
    { group: "ldap/new" },
  ],
  [
    "what the server sets must be empty",
    creator,
    { group: group("team", { outputOnly: ["member_count"] }) },
    "INVALID_FIELD",
    { field: "group.member_count" },
  ],
  [
    "the description has a limit",
    creator,
    { group: group("team", { description: "x".repeat(10_001) }) },
    "INVALID_FIELD",
    { field: "group.description" },
  ],
  [
    "owners are the name of a group",
    creator,
    { group: group("team", { owners: "A" }) },
    "INVALID_FIELD",
    { field: "group.owners" },
  ],
  [
    "members are identities",
    creator,
    { group: group("team", { members: ["user:a@b.c", "ann"] }) },
    "INVALID_FIELD",
    { field: "group.members[1]" },
  ],
  [
    "globs are globs",
    creator,
    { group: group("team", { globs: ["*"] }) },
    "INVALID_FIELD",
    { field: "group.globs[0]" },
  ],
  [
    "nested groups are names of groups",
    creator,
    { group: group("team", { nested: ["group:x"] }) },
    "INVALID_FIELD",
    { field: "group.nested[0]" },
  ],
  [
    "guards are not negative",
    creator,
    { group: group("team"), guards: { maxGained: -1, maxLost: undefined, allowLockOut: false } },
    "INVALID_FIELD",
    { field: "guards.max_gained" },
  ],
  [
    "a request id is a UUID",
    creator,
    { group: group("team"), requestId: "x" },
    "INVALID_FIELD",
    { field: "request_id" },
  ],
  [
    "a name that is taken by what the author may not read is forbidden",
    creator,
    { group: group("team", { nested: ["none"] }) },
    "GROUP_FORBIDDEN",
    { group: "team", action: "create" },
  ],
  [
    "all that is missing is told at once, nested groups first",
    creator,
    { group: group("new", { nested: ["none", "gone"], owners: "lost" }) },
    "REFERENCE_MISSING",
    { groups: '"none", "gone", "lost"' },
  ],
  [
    "what the author may not read is missing",
    creator,
    { group: group("new", { nested: ["secret"], owners: "team-owners" }) },
    "REFERENCE_MISSING",
    { groups: '"secret", "team-owners"' },
  ],
  [
    "a group nested in itself is missing",
    creator,
    { group: group("new", { nested: ["new"] }) },
    "REFERENCE_MISSING",
    { groups: '"new"' },
  ],
  ["a group may own itself", creator, { group: group("new", { owners: "new" }) }, "ok"],
  [
    "administrators may own a group, whoever creates it",
    creator,
    { group: group("new", { owners: "administrators" }) },
    "ok",
  ],
];

describe("CreateGroup", () => {
  for (const [title, author, input, reason, metadata] of cases) {
    it(`${title}: ${reason}`, async () => {
      const made = createGroup(depsOn(stateOf()), author, {
        ...validating,
        group: undefined,
        ...input,
      });
      if (reason === "ok") await made;
      else await assert.rejects(made, hasReason(reason, metadata));
    });
  }

  it("refuses a circle that closes through a name which was nested while there was no such group", async () => {
    const dangling = [
      ...usualGroups.filter(({ name }) => name !== "group-creators"),
      makeGroup("outer", { nested: ["middle"] }),
      makeGroup("middle", { nested: ["new"] }),
    ];
    const create = (name: string, nested: readonly string[]) =>
      createGroup(depsOn(stateOf(dangling)), root, {
        ...validating,
        group: group(name, { nested }),
      });
    await assert.rejects(
      create("new", ["helpers", "outer"]),
      hasReason("GROUP_CYCLE", {
        group: "new",
        path: '"new" -> "outer" -> "middle" -> "new"',
      }),
    );
    await create("new", ["helpers"]);
    await create("other", ["outer"]);
  });

  it("says ALREADY_EXISTS to who may read the group", async () => {
    const groups = usualGroups.map((it) =>
      it.name === "group-creators" ? makeGroup(it.name, { members: [owner] }) : it,
    );
    const made = createGroup(depsOn(stateOf(groups)), owner, {
      ...validating,
      group: group("team"),
    });
    await assert.rejects(made, hasReason("ALREADY_EXISTS", { kind: "group", name: "team" }));
  });

  it("lets administrators create what rights hang on", async () => {
    const groups = usualGroups.filter(({ name }) => !name.startsWith("group-"));
    for (const name of ["group-creators", "group-importers", "fleet-users", "bound", "new"]) {
      await createGroup(depsOn(stateOf(groups)), root, { ...validating, group: group(name) });
    }
  });

  it("makes a set of members, compared folded, of which the first spelling counts; no owners are administrators", async () => {
    const members = ["user:Ann@example.com", "user:ann@example.com", "bot:a", "bot:A"];
    const input = {
      ...validating,
      group: group("new", { members, globs: ["bot:z", "bot:a", "bot:z"] }),
    };
    const made = await createGroup(depsOn(stateOf()), creator, input);
    assert.deepEqual(made.group, {
      name: "new",
      description: "",
      owners: "administrators",
      memberCount: 3,
      globs: ["bot:a", "bot:z"],
      nested: [],
      managedBy: "",
      takeOver: undefined,
      etag: "",
    });
  });

  it("refuses more than it says", async () => {
    const many = (count: number, text: string): string[] => Array<string>(count).fill(text);
    const limits = [
      ["members", maxMembers, "user:a@b.c"],
      ["globs", maxGlobs, "bot:*"],
      ["nested", maxNested, "helpers"],
    ] as const;
    for (const [field, max, text] of limits) {
      const create = (count: number) =>
        createGroup(depsOn(stateOf()), creator, {
          ...validating,
          group: group("new", { [field]: many(count, text) }),
        });
      await assert.rejects(
        create(max + 1),
        hasReason("INVALID_FIELD", { field: `group.${field}` }),
      );
      // One that has as many passes this rule.
      if (field === "nested") await assert.rejects(create(max), hasReason("REFERENCE_MISSING"));
      else await create(max);
    }
  });
});
