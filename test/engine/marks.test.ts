import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { createIdSet } from "../../src/engine/groups/id-set.ts";
import type { Membership } from "../../src/engine/groups/membership.ts";
import { createMarks } from "../../src/engine/marks.ts";
import { toSortedIds } from "../../src/engine/sorted-ids.ts";
import { id } from "./world.ts";

describe("marks", () => {
  const few = fc.array(fc.nat(30), { maxLength: 6 });
  const many = fc.array(fc.nat(9_000), { maxLength: 200, size: "max" });
  /** Listed ids, ids before and behind them in the list that they are a part of, and those that globs give. */
  const arbitraryMembership = fc
    .tuple(fc.oneof(few, many), few, few, fc.option(few, { nil: undefined }))
    .map(([listed, before, after, matched]): Membership => {
      const ids = [toSortedIds(before), toSortedIds(listed), toSortedIds(after)] as const;
      const from = ids[0].length;
      return {
        folded: id("bot:b"),
        ids: Uint32Array.from(ids.flatMap((some) => [...some])),
        from,
        to: from + ids[1].length,
        matched: matched && createIdSet(matched, 64),
        ...{ direct: 0, directIn: 0 },
      };
    });
  const question = fc.tuple(fc.nat(), fc.oneof(few, many), fc.nat(3), fc.nat(3));

  it("say whether a membership and a part of a list meet, whichever membership came before", () => {
    const answers = { true: 0, false: 0 };
    const property = fc.property(
      fc.array(arbitraryMembership, { minLength: 1, maxLength: 4 }),
      fc.array(question, { maxLength: 40, size: "max" }),
      (memberships, asked) => {
        const marks = createMarks();
        for (const [place, others, before, after] of asked) {
          const mine = memberships[place % memberships.length] ?? assert.fail();
          const list = toSortedIds(others);
          const start = Math.min(before, list.length);
          const end = Math.max(start, list.length - after);
          const listed = [...mine.ids.subarray(mine.from, mine.to)];
          const expected = [...list.subarray(start, end)].some(
            (group) =>
              listed.includes(group) ||
              ((mine.matched?.[group >>> 5] ?? 0) & (1 << (group & 31))) !== 0,
          );
          assert.equal(marks.isInAny(mine, list, start, end), expected);
          answers[`${expected}`] += 1;
        }
      },
    );
    fc.assert(property);
    assert.ok(answers.true > 200 && answers.false > 200, JSON.stringify(answers));
  });
});
