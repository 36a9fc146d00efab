import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { root } from "../e2e/support/processes.ts";
import { readCommands } from "./support/read-page.ts";

/** Pages whose commands are run elsewhere, or nowhere: each for its reason. */
const apart: Readonly<Record<string, string>> = {
  "CONTRIBUTING.md": ".ci/run",
  "docs/identity.md": "wants certificates; test/cli/connection-certificate.test.ts",
  "docs/benchmarks.md": "benches take minutes; test/bench/ runs their parts",
  "examples/cache-server/README.md": "wants two servers; test/examples/cache-server.test.ts",
  "examples/ephemeral-runner/README.md":
    "wants a server with a certificate of its own; test/examples/ephemeral-runner.test.ts",
  "deploy/kubernetes/README.md": "wants a cluster; test/deploy/kubernetes.test.ts",
};

describe("the pages", () => {
  const tests = globSync(["test/docs/*.test.ts", "test/e2e/*.test.ts"], { cwd: root })
    .map((file) => readFileSync(join(root, file), "utf8"))
    .join("\n");
  const pages = globSync(["*.md", "docs/**/*.md", "deploy/**/*.md", "examples/**/*.md"], {
    cwd: root,
    exclude: ["node_modules/**"],
  }).toSorted();

  for (const page of pages) {
    const commands = readCommands(page);
    if (commands.length === 0) continue;
    it(`${page}: its ${commands.length} commands are run by a test`, () => {
      const isRun = tests.includes(`page: "${page}"`);
      assert.equal(isRun, !Object.hasOwn(apart, page), "a page is run, or is listed with a reason");
    });
  }

  it("that are listed with a reason are there", () => {
    for (const page of Object.keys(apart)) assert.ok(pages.includes(page), page);
  });
});
