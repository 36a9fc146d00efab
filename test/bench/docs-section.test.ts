import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { replaceSection, type DocsSection } from "../../bench/docs-section.ts";

const page = readFileSync(new URL("../../docs/benchmarks.md", import.meta.url), "utf8");

describe("replaceSection", () => {
  for (const section of [
    "live",
    "credentials",
    "claims",
    "peers",
  ] satisfies readonly DocsSection[]) {
    test(`leaves everything but the tables of ${section} as it is, however often`, () => {
      const once = replaceSection(page, section, "new");
      assert.ok(once.includes("\n\nnew\n\n"));
      assert.equal(replaceSection(once, section, "new"), once);
      const [before = "", after = ""] = once.split("\n\nnew\n\n");
      assert.ok(page.startsWith(before));
      assert.ok(page.endsWith(after));
    });
  }

  test("refuses a page without its marks", () => {
    assert.throws(() => replaceSection("nothing", "peers", "new"), /no place for peers/);
  });
});
