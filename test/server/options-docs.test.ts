import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import {
  optionFlag,
  optionNames,
  optionsTable,
  optionVariable,
  type OptionSpec,
} from "../../src/server/options-table.ts";

describe("docs/options.md", () => {
  it("has one row for each option, in the order of the table, with the same words", () => {
    const page = readFileSync(new URL("../../docs/options.md", import.meta.url), "utf8");
    const rows = page
      .split("\n")
      .slice(page.split("\n").indexOf("## All options with one value"))
      .filter((line) => /^\| `[a-z_]+` /.test(line))
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    const expected = optionNames.map((name) => {
      const spec: OptionSpec<unknown> = optionsTable[name];
      const flag = optionFlag(name);
      return [
        `\`${name}\``,
        `\`${optionVariable(name)}\``,
        flag === undefined ? "none" : `\`${flag}\``,
        spec.kind.rule,
        spec.preset === undefined ? "none" : `\`${spec.preset}\``,
        spec.says,
      ];
    });
    assert.deepEqual(rows, expected);
  });
});
