import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { claimsSpiffe, parseSpiffeId } from "../../src/identity/spiffe-id.ts";

describe("parseSpiffeId", () => {
  for (const [text, trustDomain, path] of [
    ["spiffe://example.org", "example.org", ""],
    ["spiffe://example.org/a", "example.org", "/a"],
    ["spiffe://example.org/ns/prod/sa/web-1_x.Y", "example.org", "/ns/prod/sa/web-1_x.Y"],
    ["spiffe://a_b-c.1/...", "a_b-c.1", "/..."],
    [`spiffe://${"d".repeat(255)}/x`, "d".repeat(255), "/x"],
    [`spiffe://d/${"x".repeat(2037)}`, "d", `/${"x".repeat(2037)}`],
  ] as const) {
    it(`takes ${text.slice(0, 60)}`, () => {
      assert.deepEqual(parseSpiffeId(text), { trustDomain, path });
    });
  }

  for (const text of [
    "",
    "spiffe://",
    "spiffe:///a",
    "spiffe:/example.org/a",
    "spiffe:example.org",
    "Spiffe://example.org/a",
    "SPIFFE://example.org/a",
    " spiffe://example.org/a",
    "spiffe://example.org/a ",
    "spiffe://example.org/a\n",
    "https://example.org/a",
    "spiffe://Example.org/a",
    "spiffe://example.org:443/a",
    "spiffe://user@example.org/a",
    "spiffe://user:word@example.org/a",
    "spiffe://example.org/a?b",
    "spiffe://example.org/a#b",
    "spiffe://example.org?a",
    "spiffe://example.org#a",
    "spiffe://example.org/",
    "spiffe://example.org/a/",
    "spiffe://example.org//a",
    "spiffe://example.org/a//b",
    "spiffe://example.org/./a",
    "spiffe://example.org/a/..",
    "spiffe://example.org/../b",
    "spiffe://example.org/%61",
    "spiffe://example%2eorg/a",
    "spiffe://example.org/a\\b",
    "spiffe://example.org/a:b",
    "spiffe://example.org/a,b",
    "spiffe://example.org/\u0000",
    "spiffe://example.org/ä",
    "spiffe://exämple.org/a",
    "spiffe://[::1]/a",
    "spiffe://example.org/\u0430",
    `spiffe://${"d".repeat(256)}/x`,
    `spiffe://d/${"x".repeat(2038)}`,
  ]) {
    it(`refuses ${JSON.stringify(text).slice(0, 60)}`, () => {
      assert.equal(parseSpiffeId(text), undefined);
    });
  }

  // The rule again, character by character, with nothing of the parser.
  function isSpiffeId(text: string): boolean {
    const letters = (from: string): readonly string[] => Array.from(from);
    const low = letters("abcdefghijklmnopqrstuvwxyz0123456789.-_");
    const all = [...low, ...letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ")];
    if (Buffer.byteLength(text) > 2048 || text.slice(0, 9) !== "spiffe://") return false;
    const parts: string[] = [""];
    for (const letter of text.slice(9)) {
      if (letter === "/") parts.push("");
      else parts[parts.length - 1] += letter;
    }
    return parts.every(
      (part, index) =>
        part !== "" &&
        letters(part).every((letter) => (index === 0 ? low : all).includes(letter)) &&
        (index === 0 ? part.length <= 255 : part !== "." && part !== ".."),
    );
  }

  const near = fc
    .array(
      fc.constantFrom("spiffe://", "/", ".", "..", "a", "Z9", "example.org", "%2e", ":", "?", "é"),
      { maxLength: 8 },
    )
    .map((parts) => parts.join(""));
  const prefixed = near.map((text) => `spiffe://${text}`);
  // Of these most are SPIFFE IDs.
  const likely = fc
    .array(fc.constantFrom("/a", "/Z9", "/..x", "/_", "b", "C"), { maxLength: 6 })
    .map((parts) => `spiffe://example.org${parts.join("")}`);

  it("takes what the rule takes, and its parts make the same text again", () => {
    const any = fc.oneof(near, prefixed, likely, fc.string({ unit: "binary" }));
    let taken = 0;
    fc.assert(
      fc.property(any, (text) => {
        const id = parseSpiffeId(text);
        assert.equal(id !== undefined, isSpiffeId(text), text);
        if (id === undefined) return;
        taken += 1;
        assert.equal(`spiffe://${id.trustDomain}${id.path}`, text);
        assert.ok(claimsSpiffe(text));
      }),
      { numRuns: 5000 },
    );
    assert.ok(taken > 300, `${taken} were SPIFFE IDs`);
  });
});
