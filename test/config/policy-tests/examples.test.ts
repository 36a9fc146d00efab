import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { testConfig, type TestedConfig } from "../../../src/commands/test-config.ts";
import { isTestFile } from "../../../src/config/policy-tests/test-file-name.ts";

const root = new URL("../../../", import.meta.url);
const folder = new URL("examples/config/", root);
const texts = readdirSync(folder).map((path) => ({
  path,
  text: readFileSync(new URL(path, folder), "utf8"),
}));
const page = readFileSync(new URL("docs/policy-tests.md", root), "utf8");

function testExamples(
  tests: readonly { readonly path: string; readonly text: string }[],
): TestedConfig {
  return testConfig({ files: texts.filter(({ path }) => !isTestFile(path)), tests });
}

describe("the policy tests of the example fleet", () => {
  it("pass, and docs/policy-tests.md says how many cases they are", () => {
    const { problems, cases = [] } = testExamples(texts.filter(({ path }) => isTestFile(path)));
    assert.deepEqual(problems, []);
    assert.deepEqual(
      cases.filter(({ passed }) => !passed),
      [],
    );
    assert.equal(/\n(\d+) cases passed\n/.exec(page)?.[1], String(cases.length));
  });
});

describe("the policy tests in docs/policy-tests.md", () => {
  it("are well-formed, and pass on the example fleet", () => {
    const text = /```yaml\n(.*?tests:.*?)```/s.exec(page)?.[1] ?? "";
    const { problems, cases } = testExamples([{ path: "docs.test.yaml", text }]);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      cases?.map(({ passed }) => passed),
      Array.from({ length: 8 }, () => true),
    );
  });
});
