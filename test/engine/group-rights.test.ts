import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { anonymousIdentity, type Identity } from "../../src/domain/identity.ts";
import {
  isAdministrator,
  mayCreateGroups,
  mayEditGroup,
  mayImportGroups,
  mayReadAllGroups,
  mayReadGroup,
  mayWriteSomeGroup,
} from "../../src/engine/group-rights.ts";
import type { Snapshot } from "../../src/engine/snapshot.ts";
import {
  auditor,
  creator,
  importer,
  makeGroup,
  nobody,
  owner,
  root,
  stateOf,
  usualGroups,
} from "../commands/group/support.ts";

const people: Readonly<Record<string, Identity>> = {
  root,
  auditor,
  owner,
  creator,
  importer,
  nobody,
  anonymous: anonymousIdentity,
};

const team = { owners: "team-owners" };
const secret = { owners: "administrators" };

/** Who has each right, in the usual state. */
const rights: Readonly<
  Record<string, readonly [(snapshot: Snapshot, who: Identity) => boolean, readonly string[]]>
> = {
  "to administer": [isAdministrator, ["root"]],
  "to read all groups": [mayReadAllGroups, ["root", "auditor"]],
  "to read a group of its own": [
    (s, who) => mayReadGroup(s, who, team),
    ["root", "auditor", "owner"],
  ],
  "to read another group": [(s, who) => mayReadGroup(s, who, secret), ["root", "auditor"]],
  "to edit a group of its own": [(s, who) => mayEditGroup(s, who, team), ["root", "owner"]],
  "to edit another group": [(s, who) => mayEditGroup(s, who, secret), ["root"]],
  "to edit what a missing group owns": [
    (s, who) => mayEditGroup(s, who, { owners: "x" }),
    ["root"],
  ],
  "to create groups": [mayCreateGroups, ["creator"]],
  "to import groups": [mayImportGroups, ["importer"]],
  "to write some group": [mayWriteSomeGroup, ["root", "owner", "creator"]],
};

describe("rights on groups", () => {
  const { snapshot } = stateOf();
  for (const [right, [has, holders]] of Object.entries(rights)) {
    it(`${right}: ${holders.join(", ")}`, () => {
      const found = Object.keys(people).filter((name) => has(snapshot, people[name] as Identity));
      assert.deepEqual(found, holders);
    });
  }

  it("to create and to import are the administrators' while those groups do not exist", () => {
    const without = usualGroups.filter(({ name }) => !name.startsWith("group-"));
    const { snapshot: bare } = stateOf(without);
    for (const may of [mayCreateGroups, mayImportGroups]) {
      assert.deepEqual(
        [may(bare, root), may(bare, creator), may(bare, importer)],
        [true, false, false],
      );
    }
  });

  it("come through nesting and globs", () => {
    const { snapshot: nested } = stateOf([
      makeGroup("administrators", { members: [root] }),
      makeGroup("team-owners", { globs: ["service:own-*"], nested: ["inner"] }),
      makeGroup("inner", { members: [nobody] }),
    ]);
    assert.ok(mayEditGroup(nested, nobody, team));
    assert.ok(mayReadGroup(nested, "service:own-1" as Identity, team));
    assert.ok(!mayReadGroup(nested, "service:x" as Identity, team));
  });

  it("are nobody's by being anonymous, whatever the groups say", () => {
    const members = [anonymousIdentity];
    const { snapshot: open } = stateOf([
      makeGroup("administrators", { members }),
      makeGroup("auditors", { members }),
      makeGroup("team-owners", { members }),
      makeGroup("group-creators", { members }),
      makeGroup("group-importers", { members }),
    ]);
    for (const [right, [has]] of Object.entries(rights)) {
      assert.ok(!has(open, anonymousIdentity), right);
    }
  });
});
