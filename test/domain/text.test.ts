import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasForbiddenCharacter } from "../../src/domain/text.ts";

describe("hasForbiddenCharacter", () => {
  for (const text of ["\0", "a\n", "\t", "\x1b[0m", "\x7f", "\x80", "\x9f", "\u2028", "\u2029"]) {
    it(`finds ${JSON.stringify(text)}`, () => assert.equal(hasForbiddenCharacter(text), true));
  }

  it("finds surrogates without their other half", () => {
    for (const text of ["\ud800", "\udc00", "a\ud83db", "\udc00\ud800"]) {
      assert.equal(hasForbiddenCharacter(text), true, JSON.stringify(text));
    }
  });

  for (const text of ["", "plain text", "é", "\u00a0", "\u{1f600}", "\u{10ffff}"]) {
    it(`lets ${JSON.stringify(text)} pass`, () => assert.equal(hasForbiddenCharacter(text), false));
  }
});
