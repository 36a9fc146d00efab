import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { finish } from "../../src/domain/steps.ts";
import { takeMembers } from "../../src/storage/member-rows.ts";

/** What membersOfRow makes of the members of a group. */
function textOf(members: readonly string[]): string {
  return members.map((member) => JSON.stringify(member)).join(",\n");
}

describe("takeMembers", () => {
  it("gives back the very texts of every group, whatever they hold, some of a group at a time", () => {
    const member = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.constantFrom(
        "user:a@x.com\nuser:b@x.com",
        '","',
        "\\",
        "\n",
        ",\n",
        "[",
        "",
        "é\u{1f600}",
      ),
      fc.string({ minLength: 5_000, maxLength: 9_000 }),
    );
    const groups = fc.array(fc.array(member, { minLength: 1, maxLength: 12 }), { maxLength: 4 });
    let cuts = 0;
    const property = fc.property(groups, (lists) => {
      const rows = lists.map((members, index) => ({
        group_name: `g${index}`,
        members: textOf(members),
      }));
      const taken = new Map<string, string[]>();
      const steps = takeMembers(rows, (group, members) => {
        assert.ok(members.length > 0);
        const before = taken.get(group);
        if (before === undefined) taken.set(group, [...members]);
        else before.push(...members);
        if (before !== undefined) cuts += 1;
      });
      finish(steps);
      assert.deepEqual(
        [...taken],
        lists.map((members, index) => [`g${index}`, members]),
      );
    });
    fc.assert(property, { numRuns: 200 });
    assert.ok(cuts > 20, "groups that were hardly ever cut");
  });

  it("takes a large group in steps, each of some hundred members", () => {
    const members = Array.from({ length: 10_000 }, (_, index) => `user:somebody-${index}@x.com`);
    let most = 0;
    let steps = 0;
    for (const _ of takeMembers([{ group_name: "g", members: textOf(members) }], (_name, some) => {
      most = Math.max(most, some.length);
    })) {
      steps += 1;
    }
    assert.ok(most < 1_000 && steps > 10, `${most} members at once, ${steps} steps`);
  });
});
