import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deleteGroup, type DeleteGroupInput } from "../../../src/commands/group/delete-group.ts";
import { maxNamedReferrers } from "../../../src/commands/group/referrers.ts";
import type { Reason } from "../../../src/domain/errors.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { hasReason } from "../../support/errors.ts";
import {
  auditor,
  depsOn,
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
  input: Partial<DeleteGroupInput>,
  reason: Reason | "ok",
  metadata?: Readonly<Record<string, string>>,
];

const groups = [
  ...usualGroups,
  makeGroup("bound", { owners: "team-owners" }),
  makeGroup("fleet-users", { owners: "team-owners" }),
  makeGroup("delegates", { owners: "team-owners" }),
  makeGroup("selfish", { owners: "selfish", nested: [], members: [owner] }),
  makeGroup("popular", { owners: "team-owners" }),
  makeGroup("hidden-1", { nested: ["popular"] }),
  makeGroup("hidden-2", { owners: "popular" }),
  makeGroup("visible", { owners: "team-owners", nested: ["popular"] }),
];

/** In the order of the rules: whatever breaks an earlier one too is in the rows before. */
const cases: readonly Case[] = [
  [
    "who may not edit the group is refused",
    nobody,
    { name: "administrators" },
    "GROUP_FORBIDDEN",
    { group: "administrators", action: "delete" },
  ],
  [
    "with the same words when there is none",
    auditor,
    { name: "none" },
    "GROUP_FORBIDDEN",
    { group: "none", action: "delete" },
  ],
  ["a name must be one", root, { name: "" }, "INVALID_FIELD", { field: "name" }],
  [
    "external groups are imported",
    root,
    { name: "ldap/eng" },
    "GROUP_PROTECTED",
    { group: "ldap/eng" },
  ],
  [
    "administrators stay",
    root,
    { name: "administrators" },
    "GROUP_PROTECTED",
    { group: "administrators" },
  ],
  ["creators stay", root, { name: "group-creators" }, "GROUP_PROTECTED"],
  ["importers stay", root, { name: "group-importers" }, "GROUP_PROTECTED"],
  ["administrators learn that there is none", root, { name: "none" }, "NOT_FOUND"],
  ["a source manages it", owner, { name: "managed", etag: "x" }, "MANAGED_BY_SOURCE"],
  ["the etag must be right", owner, { name: "helpers", etag: "x" }, "ETAG_MISMATCH"],
  [
    "another group nests it",
    owner,
    { name: "helpers" },
    "IN_USE",
    { referrers: 'group "team"', others: "0" },
  ],
  ["another group is owned by it", root, { name: "team-owners" }, "IN_USE"],
  [
    "a binding names it",
    root,
    { name: "bound" },
    "IN_USE",
    { referrers: 'realm "acme:ci"', others: "0" },
  ],
  ["realms are for readers", owner, { name: "bound" }, "IN_USE", { referrers: "", others: "1" }],
  ["the settings name it", root, { name: "fleet-users" }, "IN_USE", { referrers: "the settings" }],
  ["so do they when it reads", root, { name: "auditors" }, "IN_USE", { referrers: "the settings" }],
  ["a delegation names it", owner, { name: "delegates" }, "IN_USE", { referrers: "", others: "1" }],
  [
    "what the author may not read is counted",
    owner,
    { name: "popular" },
    "IN_USE",
    { referrers: 'group "visible"', others: "2" },
  ],
  [
    "readers read all of it",
    root,
    { name: "popular" },
    "IN_USE",
    { referrers: 'group "hidden-1", group "hidden-2", group "visible"', others: "0" },
  ],
  ["what refers to itself is not in use", owner, { name: "selfish" }, "ok"],
  ["its owners delete it", owner, { name: "team" }, "ok"],
];

describe("DeleteGroup", () => {
  for (const [title, author, input, reason, metadata] of cases) {
    it(`${title}: ${reason}`, async () => {
      const asked = { ...validating, name: "", etag: "", ...input };
      const made = deleteGroup(depsOn(stateOf(groups)), author, asked);
      if (reason === "ok") await made;
      else await assert.rejects(made, hasReason(reason, metadata));
    });
  }

  it("says who refers to it in its message, and counts those beyond the first", async () => {
    const remove = (author: Identity, state = stateOf(groups)) =>
      deleteGroup(depsOn(state), author, { ...validating, name: "popular", etag: "" });
    await assert.rejects(remove(owner), /in use by group "visible", 2 others; take/);
    const many = Array.from({ length: 30 }, (_, index) =>
      makeGroup(`z${index}`, { nested: ["popular"] }),
    );
    const others = (30 + 3 - maxNamedReferrers).toString();
    await assert.rejects(
      remove(root, stateOf([...groups, ...many])),
      hasReason("IN_USE", { others }),
    );
  });
});
