import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyConfig } from "../../src/commands/apply-config.ts";
import { addMembers } from "../../src/commands/group/change-members.ts";
import { createGroup } from "../../src/commands/group/create-group.ts";
import { updateGroup } from "../../src/commands/group/update-group.ts";
import { maxGlobsOfAll, maxGlobsOfGroup } from "../../src/commands/glob-limits.ts";
import type { Group } from "../../src/domain/model.ts";
import { hasReason } from "../support/errors.ts";
import {
  depsOn,
  groupInput,
  makeGroup,
  root,
  stateOf,
  usualGroups,
  validating,
} from "./group/support.ts";
import { applyInput } from "./support.ts";

const globs = (count: number, from = 0): readonly string[] =>
  Array.from({ length: count }, (_, index) => `bot:x${from + index}-*`);

/** Full groups, so that all of them together hold so many globs. */
function filled(count: number): readonly Group[] {
  const others = usualGroups.filter(({ name }) => name !== "group-creators");
  const groups: Group[] = [];
  // One is of the usual groups.
  for (let left = count - 1; left > 0; left -= maxGlobsOfGroup) {
    const some = globs(Math.min(left, maxGlobsOfGroup), groups.length * maxGlobsOfGroup);
    groups.push(makeGroup(`full-${groups.length}`, { globs: some }));
  }
  return [...others, ...groups];
}

const create = (groups: readonly Group[], wanted: readonly string[]) =>
  createGroup(depsOn(stateOf(groups)), root, {
    ...validating,
    group: groupInput("new", { globs: wanted }),
  });

const update = (groups: readonly Group[], name: string, wanted: readonly string[]) =>
  updateGroup(depsOn(stateOf(groups)), root, {
    ...validating,
    group: groupInput(name, { globs: wanted }),
    updateMask: ["globs"],
    etag: "",
  });

const apply = (groups: readonly Group[], wanted: readonly string[]) =>
  applyConfig(
    depsOn(stateOf(groups)),
    root,
    applyInput(JSON.stringify({ groups: [{ name: "new", globs: wanted }] }), {
      source: "other",
      validateOnly: true,
    }),
  );

const ofGroup = hasReason("LIMIT_EXCEEDED", { limit: "group_globs", group: "new" });
const ofAll = hasReason("LIMIT_EXCEEDED", { limit: "globs" });

describe("the limits of globs", () => {
  for (const [how, write] of [
    ["CreateGroup", create],
    ["Apply", apply],
  ] as const) {
    it(`hold for one group, by ${how}`, async () => {
      const groups = filled(1);
      await write(groups, globs(maxGlobsOfGroup));
      await assert.rejects(write(groups, globs(maxGlobsOfGroup + 1)), ofGroup);
    });

    it(`hold for all groups together, by ${how}`, async () => {
      const groups = filled(maxGlobsOfAll - 1);
      await write(groups, ["bot:new-*"]);
      await assert.rejects(write(groups, ["bot:new-*", "bot:newer-*"]), ofAll);
    });

    it(`do not tell which globs other groups hold, by ${how}`, async () => {
      const groups = filled(maxGlobsOfAll);
      await assert.rejects(write(groups, ["bot:new-*"]), ofAll);
      await assert.rejects(write(groups, globs(1)), ofAll);
    });
  }

  it("let what is beyond them shrink, and change otherwise", async () => {
    const groups = [
      ...filled(maxGlobsOfAll + 5),
      makeGroup("new", { globs: globs(maxGlobsOfGroup + 5) }),
    ];
    await assert.rejects(update(groups, "full-3", globs(5)), ofAll);
    await update(groups, "full-3", ["bot:other-*"]);
    await update(groups, "new", globs(maxGlobsOfGroup + 1));
    await update(groups, "full-2", ["bot:other-*"]);
    await assert.rejects(update(groups, "new", globs(maxGlobsOfGroup + 6)), ofGroup);
    const members = ["bot:a"];
    await addMembers(depsOn(stateOf(groups)), root, { ...validating, group: "new", members });
  });
});
