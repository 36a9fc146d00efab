import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseDuration } from "../../src/domain/duration.ts";

describe("parseDuration", () => {
  const good: readonly (readonly [string, number])[] = [
    ["0s", 0],
    ["500ms", 500],
    ["30s", 30_000],
    ["5m", 300_000],
    ["2h", 7_200_000],
    ["90d", 7_776_000_000],
    ["007s", 7000],
  ];
  for (const [text, milliseconds] of good) {
    it(`reads ${text}`, () => {
      assert.equal(parseDuration(text), milliseconds);
    });
  }

  const bad = [
    "",
    "5",
    "s",
    "-5s",
    "+5s",
    "1.5s",
    "5 s",
    " 5s",
    "5s\n",
    "5S",
    "5w",
    "1h30m",
    "1e3s",
  ];
  for (const text of [...bad, "999999999999d", "1000000000000ms"]) {
    it(`does not take ${JSON.stringify(text)} for a duration`, () => {
      assert.equal(parseDuration(text), undefined);
    });
  }
});
