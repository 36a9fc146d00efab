import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyConfig } from "../../src/commands/apply-config.ts";
import { bootstrapKey } from "../../src/commands/bootstrap-key.ts";
import type { CommandDeps } from "../../src/commands/deps.ts";
import { exportConfig } from "../../src/commands/export-config.ts";
import { getConfig } from "../../src/commands/get-config.ts";
import { validateConfig } from "../../src/commands/validate-config.ts";
import { useDatabase } from "../support/database.ts";
import { hasReason } from "../support/errors.ts";
import { admin, applyInput, createTestCommands } from "./support.ts";

const pools = (...names: readonly string[]): string =>
  `pools:\n${names.map((name) => `  - { name: ${name}, realm: "p:r" }\n`).join("")}`;
const poolNames = ({ replica }: CommandDeps): readonly string[] =>
  ["a", "b", "c", "d"].filter(
    (name) => replica.current()?.snapshot.fleet.realmOfPool(name) !== undefined,
  );
const requestId = "0b0f1a52-7c0e-4a53-9a3f-1f5f3f1c2d4e";

const open = useDatabase();

describe("applyConfig", () => {
  it("puts a configuration in force before it answers", async () => {
    const { deps } = await createTestCommands(await open());
    const applied = await applyConfig(deps, admin, applyInput(pools("a", "b")));
    assert.deepEqual(applied.summary, [{ kind: "pool", created: 2, updated: 0, deleted: 0 }]);
    assert.equal(deps.replica.current()?.revisionToken, applied.revisionToken);
    assert.deepEqual(poolNames(deps), ["a", "b"]);
  });

  it("replaces what its source manages and nothing else", async () => {
    const { deps } = await createTestCommands(await open());
    await applyConfig(deps, admin, applyInput(pools("a", "b")));
    await applyConfig(deps, admin, applyInput(pools("c"), { source: "team" }));
    const { summary } = await applyConfig(deps, admin, applyInput(pools("b", "d")));
    assert.deepEqual(summary, [{ kind: "pool", created: 1, updated: 0, deleted: 1 }]);
    assert.deepEqual(poolNames(deps), ["b", "c", "d"]);
  });

  it("makes no revision when nothing changes", async () => {
    const { deps } = await createTestCommands(await open());
    const first = await applyConfig(deps, admin, applyInput(pools("a")));
    const second = await applyConfig(deps, admin, applyInput(pools("a")));
    assert.equal(second.revisionToken, first.revisionToken);
    assert.equal(second.etag, first.etag);
    assert.deepEqual(second.summary, []);
  });

  it("changes nothing when it only validates, and says what it would", async () => {
    const { deps } = await createTestCommands(await open());
    const preview = await applyConfig(deps, admin, applyInput(pools("a"), { validateOnly: true }));
    assert.deepEqual(preview.summary, [{ kind: "pool", created: 1, updated: 0, deleted: 0 }]);
    await deps.replica.refresh();
    assert.deepEqual(poolNames(deps), []);
  });

  it("leaves everything as it was when the configuration has an error", async () => {
    const { deps } = await createTestCommands(await open());
    const before = await applyConfig(deps, admin, applyInput(pools("a")));
    await assert.rejects(
      applyConfig(deps, admin, applyInput("pools:\n  - name: a\n  - name: b\n    realm: p:r\n")),
      hasReason("CONFIG_INVALID", { problems: "1", file: "fleet.yaml", line: "2" }),
    );
    await deps.replica.refresh();
    assert.equal(deps.replica.current()?.revisionToken, before.revisionToken);
  });

  it("refuses an entity that another source manages", async () => {
    const { deps } = await createTestCommands(await open());
    await applyConfig(deps, admin, applyInput(pools("a")));
    await assert.rejects(
      applyConfig(deps, admin, applyInput(pools("a"), { source: "team" })),
      hasReason("CONFIG_INVALID"),
    );
  });

  it("refuses an etag that is not the current one", async () => {
    const { deps } = await createTestCommands(await open());
    const first = await applyConfig(deps, admin, applyInput(pools("a")));
    const second = await applyConfig(deps, admin, applyInput(pools("b"), { etag: first.etag }));
    await assert.rejects(
      applyConfig(deps, admin, applyInput(pools("c"), { etag: first.etag })),
      hasReason("ETAG_MISMATCH", { source: "main" }),
    );
    await applyConfig(deps, admin, applyInput(pools("c"), { etag: second.etag }));
    await assert.rejects(
      applyConfig(deps, admin, applyInput(pools("x"), { source: "new", etag: first.etag })),
      hasReason("ETAG_MISMATCH", { source: "new" }),
    );
  });

  it("keeps the etag of a source while only others change", async () => {
    const { deps } = await createTestCommands(await open());
    const { etag } = await applyConfig(deps, admin, applyInput(pools("a")));
    await applyConfig(deps, admin, applyInput(pools("c"), { source: "team" }));
    assert.equal((await getConfig(deps, { source: "" })).etag, etag);
  });

  it("answers a repeated request as it did the first time", async () => {
    const { deps } = await createTestCommands(await open());
    const input = applyInput(pools("a"), { requestId });
    const first = await applyConfig(deps, admin, input);
    await applyConfig(deps, admin, applyInput(pools("b")));
    const repeat = await applyConfig(deps, admin, input);
    assert.deepEqual(repeat, { ...first, warnings: [] });
    assert.deepEqual(poolNames(deps), ["b"]);
  });

  it("does not do again what it found done the first time", async () => {
    const { deps } = await createTestCommands(await open());
    await applyConfig(deps, admin, applyInput(pools("a")));
    const input = applyInput(pools("a"), { requestId });
    const first = await applyConfig(deps, admin, input);
    assert.deepEqual(await applyConfig(deps, admin, input), { ...first, warnings: [] });
    await applyConfig(deps, admin, applyInput(pools("b")));
    const repeat = await applyConfig(deps, admin, input);
    assert.deepEqual(repeat.summary, []);
    assert.equal(repeat.revisionToken, first.revisionToken);
    assert.deepEqual(poolNames(deps), ["b"]);
    await assert.rejects(
      applyConfig(deps, admin, applyInput(pools("c"), { etag: repeat.etag })),
      hasReason("ETAG_MISMATCH"),
      "what the repeat answers is as stale as the first answer",
    );
  });

  it("gives no etag for a source that still does not exist", async () => {
    const { deps } = await createTestCommands(await open());
    const { etag } = await applyConfig(deps, admin, applyInput("pools: []"));
    assert.equal(etag, "");
    await applyConfig(deps, admin, applyInput(pools("a"), { etag }));
  });

  it("refuses a request id that stands for another request", async () => {
    const { deps } = await createTestCommands(await open());
    await applyConfig(deps, admin, applyInput(pools("a"), { requestId }));
    await assert.rejects(
      applyConfig(deps, admin, applyInput(pools("b"), { requestId })),
      hasReason("REQUEST_ID_REUSED"),
    );
  });

  it("refuses to leave nobody in administrators", async () => {
    const { deps } = await createTestCommands(await open());
    await applyConfig(
      deps,
      admin,
      applyInput(`groups: [{ name: administrators, members: ["${admin}"] }]`),
    );
    await assert.rejects(
      applyConfig(deps, admin, applyInput("groups: []")),
      hasReason("LOCK_OUT", { group: "administrators" }),
    );
    const ghosts = "[{ name: administrators, nested: [ghosts] }, { name: ghosts }]";
    const nobody = '[{ name: administrators, globs: ["user:*@nowhere.example"] }]';
    for (const groups of ["[{ name: administrators }]", ghosts, nobody]) {
      await assert.rejects(
        applyConfig(deps, admin, applyInput(`groups: ${groups}`)),
        hasReason("LOCK_OUT"),
      );
    }
    const { problems } = await validateConfig(deps, admin, {
      source: "",
      files: [{ path: "a.yaml", text: `groups: ${ghosts}\npools: []\n` }],
    });
    assert.match(problems.at(-1)?.message ?? "", /leave no member in the group "administrators"/);
    const roots = `[{ name: administrators, nested: [roots] }, { name: roots, members: ["${admin}"] }]`;
    await applyConfig(deps, admin, applyInput(`groups: ${roots}`));
  });

  for (const [field, more] of [
    ["source", { source: "Not A Source" }],
    ["request_id", { requestId: "7" }],
    ["reason", { reason: "x".repeat(1001) }],
    ["reason", { reason: "two\nlines" }],
  ] as const) {
    it(`refuses a malformed ${field}`, async () => {
      const { deps } = await createTestCommands(await open());
      await assert.rejects(
        applyConfig(deps, admin, applyInput(pools("a"), more)),
        hasReason("INVALID_FIELD", { field }),
      );
    });
  }
});

describe("validateConfig", () => {
  it("lists every problem with its file and line", async () => {
    const { deps } = await createTestCommands(await open());
    const { problems } = await validateConfig(deps, admin, {
      source: "",
      files: [
        { path: "a.yaml", text: "pools:\n  - name: a\n" },
        { path: "b.yaml", text: "pool: []\n" },
      ],
    });
    const places = problems
      .filter((problem) => problem.severity === "error")
      .map(({ file, line }) => `${file}:${line}`);
    assert.deepEqual(places, ["a.yaml:2", "b.yaml:1"]);
  });
});

describe("exportConfig", () => {
  it("gives what was applied in a form that applies as no change", async () => {
    const { deps } = await createTestCommands(await open());
    await applyConfig(deps, admin, applyInput(pools("b", "a")));
    const { text, etag } = await exportConfig(deps, { source: "", allSources: false });
    const again = await applyConfig(deps, admin, applyInput(text, { etag }));
    assert.deepEqual(again.summary, []);
    const main = await exportConfig(deps, { source: "main", allSources: false });
    assert.equal(main.text, text);
  });

  it("puts all sources together", async () => {
    const { deps } = await createTestCommands(await open());
    await bootstrapKey(deps, {
      identity: admin,
      description: "",
      ttlSeconds: undefined,
      noExpiry: false,
      breakGlass: false,
      reason: "",
    });
    await applyConfig(deps, admin, applyInput(pools("a")));
    await applyConfig(deps, admin, applyInput(pools("b"), { source: "team" }));
    const { text } = await exportConfig(deps, { source: "", allSources: true });
    for (const name of ["name: a", "name: b", "name: administrators"]) {
      assert.ok(text.includes(name), name);
    }
    await assert.rejects(
      exportConfig(deps, { source: "main", allSources: true }),
      hasReason("INVALID_FIELD", { field: "source" }),
    );
  });

  it("does not know a source that never was applied", async () => {
    const { deps } = await createTestCommands(await open());
    await assert.rejects(
      exportConfig(deps, { source: "nobody", allSources: false }),
      hasReason("NOT_FOUND", { kind: "source", name: "nobody" }),
    );
  });

  it("gives what was applied at an earlier revision, without an etag", async () => {
    const { deps } = await createTestCommands(await open());
    const first = await applyConfig(deps, admin, applyInput(pools("a")));
    const { text } = await exportConfig(deps, { source: "", allSources: true });
    await applyConfig(deps, admin, applyInput(pools("b")));
    for (const allSources of [true, false]) {
      const earlier = await exportConfig(deps, { source: "", allSources, atRevision: 1n });
      assert.deepEqual(earlier, { text, etag: "", revisionToken: first.revisionToken });
    }
    const now = await getConfig(deps, { source: "", atRevision: 2n });
    assert.deepEqual([now.etag, now.configuration.pools[0]?.name], ["", "b"]);
    await assert.rejects(
      getConfig(deps, { source: "", atRevision: 3n }),
      hasReason("REVISION_NOT_RETAINED", { revision: "3", oldest: "0" }),
    );
    await assert.rejects(
      getConfig(deps, { source: "", atRevision: -1n }),
      hasReason("INVALID_FIELD", { field: "at_revision" }),
    );
  });

  it("does not know a source at a revision before its first apply", async () => {
    const { deps } = await createTestCommands(await open());
    await applyConfig(deps, admin, applyInput(pools("a")));
    await applyConfig(deps, admin, applyInput(pools("b"), { source: "team" }));
    await assert.rejects(
      getConfig(deps, { source: "team", atRevision: 1n }),
      hasReason("NOT_FOUND", { name: "team" }),
    );
  });
});
