import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { ReasonSchema } from "../../src/gen/fleetgate/error/v1/reason_pb.ts";
import { Code } from "@connectrpc/connect";
import type { Reason } from "../../src/domain/errors.ts";
import { codes } from "../../src/rpc/errors.ts";
import { engineWarningMessages } from "../../src/server/engine-warning-log.ts";

const root = join(import.meta.dirname, "..", "..");
const pages = [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"],
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const read = (page: string): string => readFileSync(join(root, page), "utf8");

/** `FailedPrecondition` as `FAILED_PRECONDITION`. */
function screaming(code: Code): string {
  return Code[code].replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}

describe("docs/errors.md", () => {
  const rows = new Map(
    [...read("docs/errors.md").matchAll(/^\| `([A-Z_]+)` \| ([A-Z_]+) \| (.+) \| (.+) \|$/gm)].map(
      ([, reason = "", code = "", when = "", remedy = ""]) => [reason, { code, when, remedy }],
    ),
  );
  const reasons = ReasonSchema.values
    .filter(({ number }) => number !== 0)
    .map(({ name }) => name.replace(/^REASON_/, "") as Reason);

  it("has a row for every reason of the contract, and no other", () => {
    assert.deepEqual([...rows.keys()].sort(), [...reasons].sort());
  });

  for (const reason of reasons) {
    it(`says the code of ${reason}, when it happens and what to do`, () => {
      const row = rows.get(reason);
      assert.equal(row?.code, screaming(codes[reason]));
      assert.ok(row.when.length > 10 && row.remedy.length > 10);
    });
  }
});

describe("docs/operations.md", () => {
  it("has a row for every kind of warning of the engine, with its message", () => {
    const rows = [...read("docs/operations.md").matchAll(/^\| `([a-z_]+)` +\| (.+?) +\|$/gm)];
    const told = new Map(rows.map(([, kind = "", message = ""]) => [kind, message]));
    for (const [kind, message] of Object.entries(engineWarningMessages)) {
      assert.equal(told.get(kind), message);
    }
  });
});

describe("the pages", () => {
  for (const page of pages) {
    it(`${page} links only to what exists`, () => {
      const links = [...read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(
        ([, to = ""]) => to,
      );
      const missing = links
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => !existsSync(join(root, dirname(page), link)));
      assert.deepEqual(missing, []);
    });
  }

  it("name only files of src that exist", () => {
    const named = [...read("ARCHITECTURE.md").matchAll(/`([a-z-]+\/[a-z0-9/-]+\.ts)`/g)].map(
      ([, file = ""]) => file,
    );
    const missing = named.filter(
      (file) => !existsSync(join(root, "src", file)) && !existsSync(join(root, file)),
    );
    assert.ok(named.length > 20);
    assert.deepEqual(missing, []);
  });

  it("name only npm scripts that exist", () => {
    const manifest = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/npm run (?:-s |--silent )?([a-z:-]+)/g)].map(
        ([, name = ""]) => name,
      ),
    );
    const missing = named.filter((name) => manifest.scripts[name] === undefined);
    assert.deepEqual(missing, []);
  });
});
