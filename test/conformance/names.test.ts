import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { matchesGlob, parseGlob } from "../../src/domain/glob.ts";
import { foldIdentity, parseIdentity, type Identity } from "../../src/domain/identity.ts";
import { fullRealmName, permissionName, poolName, taskId } from "../../src/domain/names.ts";
import { expandNumberSet } from "../../src/domain/number-set.ts";
import * as spec from "../spec/names.ts";
import * as numberSet from "../spec/number-set.ts";
import { chooseSeed } from "./support/tally.ts";

/** Texts made of pieces that matter to the grammars. */
function arbitraryText(pieces: readonly string[], most: number): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...pieces), { maxLength: most, size: "max" })
    .map((parts) => parts.join(""));
}

const odd = ["\n", "\r", "\0", "\u0085", "\u2028", "\ud800", "\udc00", "\ud83d\ude00", " ", "é"];

const kinds = ["anonymous", "bot", "project", "service", "user", "task", "runner", "group", "User"];
const values = ["a", "b", "B", "7", "@", "@", "-", "_", ".", "+", "%", ":", "/", "anonymous", "é"];
const arbitraryIdentity = fc
  .tuple(
    fc.constantFrom(...kinds.map((kind) => `${kind}:`), "user", ""),
    arbitraryText(values, 5),
    fc.constantFrom("", "", "@x.com", "\n"),
  )
  .map((parts) => parts.join(""));
const arbitraryRealm = fc
  .tuple(
    arbitraryText(["p", "9", "-_", "P", ".", "@internal", "@x"], 2),
    fc.constantFrom(":", ":", ":", ""),
    arbitraryText(["a", "9", "b/c", "-", "_", ".", ":", "@root", "@project", "@x", "A", "\n"], 2),
  )
  .map((parts) => parts.join(""));
const arbitraryPart = arbitraryText(["a", "a", "B c", "é", "-"], 2);
const arbitraryPermission = fc
  .tuple(arbitraryPart, arbitraryPart, arbitraryPart, fc.constantFrom("", "", "", ".", ...odd))
  .map(([service, subject, verb, rest]) => `${service}.${subject}.${verb}${rest}`);
const arbitraryPool = arbitraryText(["a", "B", "7", ".", ":", "\u00a0", ...odd], 6);
const arbitraryNumberSet = arbitraryText(
  ["a", "{", "{", "}", "}", "{{", "}}", ",", "..", "1", "2", "03", "10", "{1..3}", "-"],
  8,
);

const grammars: readonly {
  readonly name: string;
  readonly text: fc.Arbitrary<string>;
  readonly bySpec: (text: string) => boolean;
  readonly byDomain: (text: string) => boolean;
}[] = [
  {
    name: "identity",
    text: arbitraryIdentity,
    bySpec: spec.isIdentity,
    byDomain: (text) => parseIdentity(text) !== undefined,
  },
  {
    name: "realm",
    text: arbitraryRealm,
    bySpec: spec.isRealmName,
    byDomain: fullRealmName.test,
  },
  {
    name: "permission",
    text: arbitraryPermission,
    bySpec: spec.isPermissionName,
    byDomain: permissionName.test,
  },
  { name: "pool", text: arbitraryPool, bySpec: spec.isPoolName, byDomain: poolName.test },
  { name: "task id", text: arbitraryPool, bySpec: spec.isTaskId, byDomain: taskId.test },
];

describe("names are what the spec says", () => {
  for (const { name, text, bySpec, byDomain } of grammars) {
    test(name, (context) => {
      let good = 0;
      const property = fc.property(text, (candidate) => {
        const expected = bySpec(candidate);
        assert.equal(byDomain(candidate), expected);
        good += Number(expected);
      });
      fc.assert(property, { seed: chooseSeed(context), numRuns: 5_000 });
      context.diagnostic(`${good} of 5000 were good`);
      assert.ok(good > 100 && good < 4_900, String(good));
    });
  }

  test("number sets", (context) => {
    let good = 0;
    const property = fc.property(arbitraryNumberSet, (text) => {
      const expected = numberSet.expandNumberSet(text);
      const actual = expandNumberSet(text);
      assert.deepEqual("ids" in actual ? actual.ids : undefined, expected);
      good += Number(expected !== undefined);
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 5_000 });
    context.diagnostic(`${good} of 5000 were good`);
  });

  test("globs and folding", (context) => {
    let matched = 0;
    const value = arbitraryText(["a", "A", "b", "ab", ":", "."], 5);
    const pattern = arbitraryText(["*", "*", "*", "a", "b", "ab", "."], 6);
    const kind = fc.constantFrom("user", "user", "user", "bot");
    const property = fc.property(kind, pattern, kind, value, (globKind, stars, itsKind, text) => {
      const globText = `${globKind}:${stars}`;
      const identity = `${itsKind}:${text}` as Identity;
      const glob = parseGlob(globText);
      assert.equal(glob === undefined, stars === "");
      if (glob === undefined) return;
      const expected = spec.globMatches(globText, identity);
      assert.equal(matchesGlob(glob, identity), expected);
      matched += Number(expected);
      const other = `${globKind}:${text.toUpperCase()}` as Identity;
      assert.equal(
        foldIdentity(identity) === foldIdentity(other),
        spec.isSameIdentity(identity, other),
      );
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 5_000 });
    context.diagnostic(`${matched} of 5000 matched`);
    assert.ok(matched > 250, String(matched));
  });
});
