import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toJson } from "@bufbuild/protobuf";
import { ChangeService } from "../../../src/gen/fleetgate/admin/v1/change_service_pb.ts";
import { startLog } from "../support/fake-log.ts";

const world = await startLog();
const { fleetgate } = world;

describe("fleetgate log", () => {
  const table = [
    "REVISION  TIME                  AUTHOR                CHANGES                                REASON",
    "2         2030-01-02T03:04:05Z  user:ann@example.com  +2 group_member, -1 group_member, ~3 pool  a\\u000ab",
  ];

  it("lists changes by itself, the newest first, one a line", async () => {
    for (const args of [["log"], ["log", "list"]]) {
      const { code, stdout, stderr } = await fleetgate(...args);
      assert.deepEqual([code, stderr], [0, ""]);
      const [head, first, ...others] = stdout.trimEnd().split("\n");
      assert.deepEqual(head?.split(/ {2,}/), table[0]?.split(/ {2,}/));
      assert.deepEqual(first?.split(/ {2,}/), table[1]?.split(/ {2,}/));
      assert.equal(others.length, 1);
    }
  });

  it("sends its filters", async () => {
    await fleetgate(
      ...["log", "--author", "bot:b", "--source", "main", "--group", "g", "--kind", "pool"],
      ...["--key", "p", "--since", "2026-01-31", "--until", "2026-02-01T12:00:00+02:00"],
    );
    const [request] = world.listed.map((one) =>
      toJson(ChangeService.method.listChanges.input, one),
    );
    assert.deepEqual(request, {
      pageSize: 100,
      author: "bot:b",
      source: "main",
      group: "g",
      kind: "pool",
      key: "p",
      since: "2026-01-31T00:00:00Z",
      until: "2026-02-01T10:00:00Z",
    });
  });

  const limits: readonly (readonly [
    args: readonly string[],
    count: number,
    asks: readonly number[],
  ])[] = [
    [[], 100, [100]],
    [["--limit", "1"], 1, [1]],
    [["--limit", "2300"], 2300, [1000, 1000, 300]],
    [["--limit", "2500"], 2500, [1000, 1000, 500]],
    [["--limit", "9999"], 2500, [1000, 1000, 1000]],
    [["--all"], 2500, [1000, 1000, 1000]],
  ];
  for (const [args, count, asks] of limits) {
    it(`shows as many as wanted, and says when there are others: ${args.join(" ")}`, async () => {
      world.total = 2500;
      const { stdout, stderr } = await fleetgate("log", ...args);
      const json = await fleetgate("log", ...args, "--json");
      world.total = 2;
      assert.equal(stdout.trimEnd().split("\n").length, count + 1);
      assert.equal(/there are older changes/.test(stderr), count < 2500);
      assert.equal((JSON.parse(json.stdout) as { changes: unknown[] }).changes.length, count);
      assert.deepEqual(
        world.listed.map(({ pageSize }) => pageSize),
        asks,
      );
    });
  }

  it("says so when there is none", async () => {
    world.total = 0;
    const none = await fleetgate("log");
    world.total = 2;
    assert.deepEqual(none, { code: 0, stdout: "", stderr: "no changes\n" });
  });

  for (const args of [
    ["--limit", "0"],
    ["--limit", "x"],
    ["--limit", "1", "--all"],
    ["--key", "p"],
    ["--since", "yesterday"],
    ["--until", "2026-02-30"],
    ["--author", ""],
  ]) {
    it(`ends with 2 for ${args.join(" ")}`, async () => {
      assert.equal((await fleetgate("log", ...args)).code, 2);
      assert.deepEqual(world.listed, []);
    });
  }
});
