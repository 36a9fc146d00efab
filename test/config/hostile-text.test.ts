import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { maxAliasedNodes, maxAliases } from "../../src/config/aliases.ts";
import { maxProblems } from "../../src/config/problem-list.ts";
import { maxTextLength } from "../../src/config/read-yaml.ts";
import { validateConfiguration } from "../../src/config/validate.ts";
import { problemsOf } from "./support/problems.ts";

const examples = new URL("../../examples/config/", import.meta.url);
const exampleTexts = readdirSync(examples).map((name) =>
  readFileSync(new URL(name, examples), "utf8"),
);

/** Validates, and checks what holds of every answer. */
function judge(text: string): void {
  const files = [{ path: "f", text }];
  const { problems, configuration } = validateConfiguration({
    source: "main",
    files,
    others: new Map(),
  });
  const refused = problems.some(({ severity }) => severity === "error");
  assert.equal(configuration === undefined, refused);
  const lines = text.split("\n").length;
  for (const { line, column } of problems) assert.ok(line >= 1 && line <= lines && column >= 1);
}

describe("reading a hostile text", () => {
  it("answers whatever the text is", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), judge), { numRuns: 500 });
  });

  it("answers for texts made of what YAML is made of", () => {
    const piece = fc.constantFrom(
      ..."\n|\n  |\n- |: |, |[|]|{|}|&a |*a|!!str |!x |'|\"|#|>|\t|? |~|%YAML 1.2|---\n|...\n|<<".split(
        "|",
      ),
      "|",
      ..."settings groups name members pools realm projects realms bindings 1 true null".split(" "),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => judge(pieces.join(""))),
      { numRuns: 2000 },
    );
  });

  it("answers for a file with a piece cut out or repeated", () => {
    const damage = fc.record({
      text: fc.constantFrom(...exampleTexts),
      from: fc.nat(3000),
      length: fc.nat(60),
      at: fc.nat(3000),
    });
    fc.assert(
      fc.property(damage, ({ text, from, length, at }) => {
        const piece = text.slice(from, from + length);
        const rest = text.slice(0, from) + text.slice(from + length);
        judge(rest);
        judge(rest.slice(0, at) + piece + rest.slice(at));
      }),
      { numRuns: 60 },
    );
  });

  it("refuses more aliases than it follows", () => {
    const aliases = "      - *u\n".repeat(maxAliases + 1);
    const text = `groups:\n  - name: a\n    members:\n      - &u user:a@example.com\n${aliases}`;
    const errors = problemsOf(text).filter((problem) => problem.startsWith("error"));
    assert.deepEqual(errors, [
      `error a.yaml:${maxAliases + 5}:9 groups[0].members[${maxAliases + 1}]: too many aliases in one file [write the values out]`,
    ]);
  });

  it("refuses lists that aliases blow up", () => {
    const members = Array.from({ length: 2000 }, (_, index) => `bot:b${index}`).join(", ");
    const count = Math.ceil(maxAliasedNodes / 2000) + 5;
    const groups = Array.from(
      { length: count },
      (_, index) => `  - {name: g${index}, members: *m}\n`,
    );
    const text = `groups:\n  - {name: g, members: &m [${members}]}\n${groups.join("")}`;
    const problems = problemsOf(text);
    assert.ok(problems.length >= 1 && problems.length <= 10);
    assert.match(problems[0] ?? "", /aliases stand for more than 100000 values/);
  });

  it("refuses mappings that aliases blow up", () => {
    const fields = Array.from({ length: 2000 }, (_, index) => `f${index}: x`).join(", ");
    const aliases = "  - *g\n".repeat(maxAliases - 1);
    const problems = problemsOf(`groups:\n  - &g {${fields}}\n${aliases}`);
    assert.match(problems.at(-1) ?? "", /there are \d+ more errors/);
  });

  it("refuses texts that are too long or nested too deeply", () => {
    assert.match(problemsOf("#".repeat(maxTextLength + 1))[0] ?? "", /longer than 67108864/);
    assert.match(problemsOf("[".repeat(100_000))[0] ?? "", /^error a\.yaml:/);
  });

  it("finds one duplicate among many fields without comparing all pairs", () => {
    const fields = Array.from({ length: 10_000 }, (_, index) => `f${index}: x\n`).join("");
    assert.equal(problemsOf(`${fields}f7: x\n`).length, maxProblems + 1);
  });

  it("lists a bounded number of problems and counts the others", () => {
    const members = Array.from({ length: maxProblems + 5 }, (_, index) => `      - x${index}\n`);
    const problems = problemsOf(`groups:\n  - name: a\n    members:\n${members.join("")}`);
    assert.equal(problems.length, maxProblems + 1);
    assert.match(
      problems.at(-1) ?? "",
      /^error :0:0 : there are 5 more errors and 0 more warnings/,
    );
  });
});
