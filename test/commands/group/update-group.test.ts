import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { groupEtag } from "../../../src/commands/group/group-etag.ts";
import { updateGroup, type UpdateGroupInput } from "../../../src/commands/group/update-group.ts";
import type { Reason } from "../../../src/domain/errors.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import type { Group } from "../../../src/domain/model.ts";
import { hasReason } from "../../support/errors.ts";
import {
  auditor,
  creator,
  depsOn,
  groupInput as group,
  makeGroup,
  owner,
  root,
  stateOf,
  usualGroups,
  validating,
} from "./support.ts";

type Case = readonly [
  title: string,
  author: Identity,
  input: Partial<UpdateGroupInput>,
  reason: Reason | "ok",
  metadata?: Readonly<Record<string, string>>,
];

const etag = (name: string, revision = 7n): string => groupEtag(new Uint8Array(32), name, revision);

/** In the order of the rules: whatever breaks an earlier one too is in the rows before. */
const cases: readonly Case[] = [
  [
    "who may not edit the group is refused, whatever else is wrong",
    auditor,
    { group: group("team"), updateMask: undefined },
    "GROUP_FORBIDDEN",
    { group: "team", action: "edit" },
  ],
  [
    "with the same words when there is none",
    auditor,
    { group: group("none") },
    "GROUP_FORBIDDEN",
    { group: "none", action: "edit" },
  ],
  ["its owners too may edit no other", owner, { group: group("team-owners") }, "GROUP_FORBIDDEN"],
  ["nobody may who names nothing", creator, { group: undefined }, "GROUP_FORBIDDEN", { group: "" }],
  ["there must be a group", root, { group: undefined }, "INVALID_FIELD", { field: "group" }],
  ["its name must be one", root, { group: group("a b") }, "INVALID_FIELD", { field: "group.name" }],
  [
    "external groups are imported, whether or not there is one",
    root,
    { group: group("ldap/none"), updateMask: undefined },
    "GROUP_PROTECTED",
  ],
  ["also to an administrator", root, { group: group("ldap/eng") }, "GROUP_PROTECTED"],
  [
    "a mask is required",
    owner,
    { group: group("team"), updateMask: undefined },
    "INVALID_FIELD",
    { field: "update_mask" },
  ],
  [
    "and not empty",
    owner,
    { group: group("team"), updateMask: [] },
    "INVALID_FIELD",
    { field: "update_mask" },
  ],
  [
    "nor a star",
    owner,
    { group: group("team"), updateMask: ["*"] },
    "INVALID_FIELD",
    { field: "update_mask" },
  ],
  [
    "nor the name",
    owner,
    { group: group("team"), updateMask: ["members", "name"] },
    "INVALID_FIELD",
    { field: "update_mask" },
  ],
  [
    "fields of the mask are looked at",
    owner,
    { group: group("team", { members: ["x"] }), updateMask: ["members"] },
    "INVALID_FIELD",
    { field: "group.members[0]" },
  ],
  [
    "other fields are not",
    owner,
    {
      group: group("team", { members: ["x"], globs: ["x"], owners: "X", outputOnly: ["etag"] }),
      updateMask: ["description"],
    },
    "ok",
  ],
  [
    "administrators learn that there is none",
    root,
    { group: group("none") },
    "NOT_FOUND",
    { kind: "group", name: "none" },
  ],
  [
    "a source manages it",
    owner,
    { group: group("managed"), etag: "old" },
    "MANAGED_BY_SOURCE",
    { group: "managed", source: "main" },
  ],
  [
    "the etag must be that of the group",
    owner,
    { group: group("team", { nested: ["none"] }), updateMask: ["nested"], etag: "old" },
    "ETAG_MISMATCH",
    { group: "team" },
  ],
  [
    "that of another group is none",
    owner,
    { group: group("team"), etag: etag("helpers") },
    "ETAG_MISMATCH",
  ],
  [
    "that of another revision is none",
    owner,
    { group: group("team"), etag: etag("team", 6n) },
    "ETAG_MISMATCH",
  ],
  ["the right one is right", owner, { group: group("team"), etag: etag("team") }, "ok"],
  [
    "all that is missing is told at once",
    owner,
    {
      group: group("team", { nested: ["none", "secret"], owners: "lost" }),
      updateMask: ["owners", "nested"],
    },
    "REFERENCE_MISSING",
    { groups: '"none", "secret", "lost"' },
  ],
  [
    "owners that stay are not looked for",
    owner,
    { group: group("team", { owners: "team-owners" }), updateMask: ["owners"] },
    "ok",
  ],
  [
    "a group may come to own itself",
    owner,
    { group: group("team", { owners: "team" }), updateMask: ["owners"] },
    "ok",
  ],
  [
    "a group may not nest itself",
    owner,
    { group: group("team", { nested: ["team"] }), updateMask: ["nested"] },
    "GROUP_CYCLE",
    { path: '"team" -> "team"' },
  ],
  [
    "nor what nests it",
    owner,
    { group: group("helpers", { nested: ["team"] }), updateMask: ["nested"] },
    "GROUP_CYCLE",
    { path: '"helpers" -> "team" -> "helpers"' },
  ],
];

const many = (...groups: readonly Group[]): readonly Group[] => [
  ...usualGroups.filter(({ name }) => groups.every((it) => it.name !== name)),
  ...groups,
];

describe("UpdateGroup", () => {
  for (const [title, author, input, reason, metadata] of cases) {
    it(`${title}: ${reason}`, async () => {
      const asked = {
        ...validating,
        group: undefined,
        updateMask: ["description"],
        etag: "",
        ...input,
      };
      const made = updateGroup(depsOn(stateOf()), author, asked);
      if (reason === "ok") await made;
      else await assert.rejects(made, hasReason(reason, metadata));
    });
  }

  const update = (groups: readonly Group[], author: Identity, name: string, more: Partial<Group>) =>
    updateGroup(depsOn(stateOf(groups)), author, {
      ...validating,
      group: group(name, more),
      updateMask: Object.keys(more),
      etag: "",
    });

  it("keeps nested groups and owners that are there, whether or not the author may read them", async () => {
    const groups = many(
      makeGroup("team", { owners: "team-owners", nested: ["secret", "dangling"] }),
    );
    const { group: found } = await update(groups, owner, "team", {
      nested: ["secret", "dangling", "helpers"],
    });
    assert.deepEqual(found.nested, ["dangling", "helpers", "secret"]);
  });

  it("shows of a circle what the author may read, and not how much it hides", async () => {
    const circle = (...hidden: readonly string[]): readonly Group[] => {
      const path = [...hidden, "team"];
      return many(
        makeGroup("helpers", { owners: "team-owners", nested: [path[0] ?? ""] }),
        ...hidden.map((name, index) => makeGroup(name, { nested: [path[index + 1] ?? ""] })),
        makeGroup("team", { owners: "team-owners" }),
      );
    };
    for (const hidden of [["h1"], ["h1", "h2", "h3"]]) {
      await assert.rejects(
        update(circle(...hidden), owner, "team", { nested: ["helpers"] }),
        hasReason("GROUP_CYCLE", { path: '"team" -> "helpers" -> ... -> "team"' }),
      );
    }
    await assert.rejects(
      update(circle("h1"), root, "team", { nested: ["helpers"] }),
      hasReason("GROUP_CYCLE", { path: '"team" -> "helpers" -> "h1" -> "team"' }),
    );
  });

  it("finds circles of any length, and none in a diamond", async () => {
    const chain = Array.from({ length: 20_000 }, (_, index) =>
      makeGroup(`c${index}`, { nested: [`c${index + 1}`, `c${index + 2}`] }),
    );
    const groups = many(...chain, makeGroup("c20000"), makeGroup("c20001"));
    await assert.rejects(
      update(groups, root, "c20001", { nested: ["c0"] }),
      hasReason("GROUP_CYCLE"),
    );
    await update(groups, root, "c0", { nested: ["c1", "c2", "c3", "c20001"] });
  });

  const rootRules: readonly (readonly [Partial<Group>, string])[] = [
    [{ owners: "team-owners" }, "group.owners"],
    [{ globs: ["user:*"] }, "group.globs"],
    [{ nested: ["team"] }, "group.nested"],
    [{ members: [] }, "group.members"],
  ];
  for (const [more, field] of rootRules) {
    it(`keeps administrators as they must be: ${field}`, async () => {
      const made = update(usualGroups, root, "administrators", more);
      await assert.rejects(made, hasReason("INVALID_FIELD", { field }));
    });
  }

  it("lets administrators nest external groups and be owned by themselves", async () => {
    const made = await update(usualGroups, root, "administrators", {
      owners: "",
      nested: ["ldap/eng"],
    });
    assert.equal(made.group.owners, "administrators");
    assert.deepEqual(made.group.nested, ["ldap/eng"]);
  });

  it("answers with the whole group, without members", async () => {
    const made = await update(usualGroups, owner, "team", { members: ["bot:a", "bot:b", "bot:c"] });
    assert.deepEqual(made.group, {
      name: "team",
      description: "The team.",
      owners: "team-owners",
      globs: ["service:team-*"],
      nested: ["helpers"],
      memberCount: 3,
      managedBy: "",
      etag: "",
      takeOver: undefined,
    });
  });
});
