import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { fleetgateError, startFake } from "./support/fake-fleetgate.ts";
import { runCli } from "./support/run-cli.ts";

const ann = "user:ann@example.com";
const createTask = ["--permission", "swarming.pools.createTask"];

describe("fleetgate explain", () => {
  let asked: unknown;
  let answer: () => object = () => ({});
  const fake = startFake({
    inspect: {
      explain: ({ check, consistency }) => {
        const { $typeName: _, ...value } = check.value as { $typeName: string };
        asked = { case: check.case, value, consistency: consistency?.requirement };
        return answer();
      },
    },
  });
  beforeEach(() => {
    asked = undefined;
  });

  /** Every check, and what it sends. */
  const checks: readonly (readonly [readonly string[], string, object])[] = [
    [["server", ...createTask], "server", { caller: "", permission: createTask[1] }],
    [
      ["pools", "p", "q", "--any", ...createTask, "--caller", ann],
      "anyPools",
      { caller: ann, permission: createTask[1], pools: ["p", "q"] },
    ],
    [
      ["pools", "p", "--all", ...createTask],
      "allPools",
      { caller: "", permission: createTask[1], pools: ["p"] },
    ],
    [["bot", "b1", ...createTask], "bot", { caller: "", permission: createTask[1], botId: "b1" }],
    [["create-in-realm", "a:b"], "createInRealm", { caller: "", realm: "a:b" }],
    [["act-as", "r@x.y", "--realm", "a:b"], "actAs", { serviceAccount: "r@x.y", realm: "a:b" }],
  ];
  for (const [args, kind, value] of checks) {
    it(`sends the check of \`${args.join(" ")}\`, with its freshness outside of it`, async () => {
      answer = () => ({ outcome: {} });
      const { endpoint } = await fake;
      const result = await runCli([
        "explain",
        ...args,
        ...["--fully-consistent", "--endpoint", endpoint],
      ]);
      assert.equal(result.code, 0, result.stderr);
      const { value: sent, ...rest } = asked as { value: Record<string, unknown> };
      assert.deepEqual(rest, {
        case: kind,
        consistency: { case: "fullyConsistent", value: true },
      });
      for (const [field, expected] of Object.entries(value)) {
        assert.deepEqual(sent[field], expected, field);
      }
      assert.equal(sent["consistency"], undefined);
    });
  }

  it("takes an answer without a decision for none: neither for a yes nor for a no", async () => {
    const { endpoint } = await fake;
    for (const outcome of [{}, { outcome: { code: Code.Internal, message: "x" } }]) {
      answer = () => outcome;
      const result = await runCli(["explain", "server", ...createTask, "--endpoint", endpoint]);
      assert.deepEqual([result.code, result.stdout], [4, ""]);
    }
  });

  it("escapes what others wrote", async () => {
    answer = () => ({
      outcome: { code: Code.PermissionDenied, message: "a\u001b[2Jb\nc" },
      explanation: { steps: [{ kind: 4, result: 6, pool: "\u001b\n", realm: "x\u001b" }] },
    });
    const { endpoint } = await fake;
    const result = await runCli(["explain", "server", ...createTask, "--endpoint", endpoint]);
    assert.doesNotMatch(result.stdout, /\u001b/);
    assert.equal(result.stdout.split("\n").length, 5);
  });

  it("does not take a refusal for a denial", async () => {
    answer = () => {
      throw fleetgateError(Code.PermissionDenied, "GROUP_REQUIRED", "no");
    };
    const { endpoint } = await fake;
    const result = await runCli(["explain", "server", ...createTask, "--endpoint", endpoint]);
    assert.equal(result.code, 4);
  });
});
