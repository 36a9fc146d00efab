import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import {
  expandNumberSet,
  maxExpandedLength,
  maxNumberSetSize,
} from "../../src/domain/number-set.ts";

function problemOf(text: string): string {
  const expansion = expandNumberSet(text);
  assert.ok("problem" in expansion && expansion.problem !== undefined, `${text} was accepted`);
  return expansion.problem;
}

describe("expandNumberSet", () => {
  const good: readonly (readonly [string, string, readonly string[]])[] = [
    ["a text without braces is its own only id", "vm1-m1", ["vm1-m1"]],
    ["an empty text is its own only id", "", [""]],
    ["commas and dots outside a set mean nothing", "a,1..3", ["a,1..3"]],
    ["a single number", "a{1}b", ["a1b"]],
    ["zero is a number", "a{0}", ["a0"]],
    ["several numbers", "a{1,2}b", ["a1b", "a2b"]],
    ["a range holds both ends", "a{1..3}b", ["a1b", "a2b", "a3b"]],
    ["ranges and numbers mix", "a{1..3,7}b", ["a1b", "a2b", "a3b", "a7b"]],
    ["a set may be all there is", "{9..11}", ["9", "10", "11"]],
    ["a trailing comma is tolerated", "a{1..2,}b", ["a1b", "a2b"]],
    ["an empty set is tolerated", "a{}b", ["ab"]],
    ["doubled braces are literal", "abc{{}}", ["abc{}"]],
    ["doubled braces are literal around a set", "{{a{1}b}}", ["{a1b}"]],
    ["a range of equal widths is padded", "a{08..10}", ["a08", "a09", "a10"]],
    [
      "a range of unequal widths is not padded",
      "a{08..100,101}",
      [...range(8, 100), 101].map((n) => `a${n}`),
    ],
    ["a single number keeps its own width", "a{007}", ["a007"]],
    ["each term is padded by itself", "a{1,02..03,004}", ["a1", "a02", "a03", "a004"]],
    ["a wide term beside an uneven one", "a{001,02..003}b", ["a001b", "a2b", "a3b"]],
  ];
  for (const [name, text, ids] of good) {
    it(`accepts ${JSON.stringify(text)}: ${name}`, () => {
      assert.deepEqual(expandNumberSet(text), { ids });
    });
  }

  const bad: readonly (readonly [string, RegExp])[] = [
    ["}abc", /before any/],
    ["{", /never closed/],
    ["a{1", /never closed/],
    ["a{1}}", /never closed/],
    ["a{,}b", /not a number/],
    ["a{}b{}", /only one/],
    ["a{1}b}", /only one/],
    ["a{1{2}", /holds a "\{"/],
    ["a{z}", /not a number/],
    ["a{12z}", /not a number/],
    ["a{1..}", /not a number/],
    ["a{..2}", /not a number/],
    ["a{1..2z}", /not a number/],
    ["a{1...3}", /not a number/],
    ["a{-1}", /not a number/],
    ["a{ 1}", /not a number/],
    ["a{1,,2}", /not a number/],
    ["a{,1}", /not a number/],
    ["a{\u0661}", /not a number/],
    ["{2..1}", /does not end above/],
    ["{1..1}", /does not end above/],
    ["{1,1}", /do not increase/],
    ["{1..10,9,10}", /do not increase/],
    ["{1..5,5..6}", /do not increase/],
    ["{10000000000000000000000000000000000000000}", /more than 15 digits/],
    ["{1..10000000000000000000000000000000000000000}", /more than 15 digits/],
  ];
  for (const [text, problem] of bad) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.match(problemOf(text), problem);
    });
  }

  it("expands the largest set that is allowed and refuses one more", () => {
    const expansion = expandNumberSet(`m{1..${maxNumberSetSize}}`);
    assert.ok("ids" in expansion);
    assert.equal(expansion.ids?.length, maxNumberSetSize);
    assert.match(problemOf(`m{0..${maxNumberSetSize}}`), /more than 1000000 ids/);
  });

  it("refuses a huge set without expanding it", () => {
    assert.match(problemOf("m{0..999999999999999}"), /more than 1000000 ids/);
    assert.match(problemOf("m{1..600000,600001..1200000}"), /more than 1000000 ids/);
  });

  it("refuses ids that are too long for a bot", () => {
    const room = "x".repeat(maxExpandedLength - 1);
    assert.deepEqual(expandNumberSet(`${room}{9}`), { ids: [`${room}9`] });
    assert.match(problemOf(`${room}{9..10}`), /longer than 256/);
  });

  it("quotes and shortens what it shows of the text", () => {
    const problem = problemOf(`a{"\n${"y".repeat(1000)}}`);
    assert.ok(problem.length < 150);
    assert.match(problem, /\\"\\n/);
  });

  it("makes as many distinct ids as the set has numbers", () => {
    const term = fc.tuple(fc.nat(50), fc.nat(20), fc.boolean());
    fc.assert(
      fc.property(fc.array(term, { maxLength: 8 }), (steps) => {
        let next = 0;
        let count = 0;
        const texts = steps.map(([gap, span, padded]) => {
          const first = next + gap;
          const last = first + span;
          next = last + 1;
          count += span + 1;
          const show = (n: number): string => (padded ? String(n).padStart(6, "0") : String(n));
          return span === 0 ? show(first) : `${show(first)}..${show(last)}`;
        });
        const expansion = expandNumberSet(`a{${texts.join(",")}}b`);
        assert.ok("ids" in expansion);
        assert.equal(new Set(expansion.ids).size, Math.max(count, 1));
      }),
    );
  });
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
