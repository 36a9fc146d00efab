import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startFake } from "./support/fake-fleetgate.ts";
import { runCli } from "./support/run-cli.ts";

const revisionToken = "AQid";
const permission = ["--permission", "swarming.pools.createTask"];

interface Asked {
  readonly caller: string;
  readonly permission: string;
  readonly resources: unknown;
  readonly reasons: boolean;
}

let answer: () => object;
let asked: Asked | undefined;

const fake = await startFake({
  acl: {
    batchCheckPacked: ({ caller, permission: name, resources, reasons }) => {
      const value = { ...resources.value, $typeName: undefined };
      asked = { caller, permission: name, resources: plain({ ...resources, value }), reasons };
      return answer();
    },
  },
});

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe("each-pool and each-bot", () => {
  const check = (...args: readonly string[]): ReturnType<typeof runCli> =>
    runCli(["check", ...args, "--endpoint", fake.endpoint]);
  const resources = (kind: string, value: unknown) => ({ case: kind, value });

  it("ask for all in one packed batch, and print a line for each", async () => {
    answer = () => ({ revisionToken, permitted: new Uint8Array([0b101]) });
    const args = ["each-pool", "p1", "p\u001b2", "p1", ...permission];
    const stdout = "permitted  p1\ndenied     p\\u001b2\npermitted  p1\n";
    assert.deepEqual(await check(...args, "--caller", "user:ann@example.com"), {
      ...{ code: 1, stdout, stderr: "" },
    });
    assert.deepEqual(asked, {
      caller: "user:ann@example.com",
      permission: permission[1],
      resources: resources("pools", { names: ["p1", "p\u001b2", "p1"] }),
      reasons: false,
    });
    answer = () => ({ revisionToken, permitted: new Uint8Array([0b11]) });
    assert.deepEqual(await check("each-bot", "b1", "b2", ...permission), {
      ...{ code: 0, stdout: "permitted  b1\npermitted  b2\n", stderr: "" },
    });
    assert.deepEqual(asked?.resources, resources("bots", { ids: ["b1", "b2"] }));
  });

  it("take names from a file too, and want one at least", async () => {
    answer = () => ({ revisionToken, permitted: new Uint8Array([0b111]) });
    const args = ["check", "each-pool", "p1", "--from-file", "-", ...permission];
    const io = { stdin: "\uFEFF# ours\n\n p2 \r\np 3 # the third\n" };
    const result = await runCli([...args, "--endpoint", fake.endpoint], io);
    assert.deepEqual([result.code, result.stderr], [0, ""]);
    assert.deepEqual(asked?.resources, resources("pools", { names: ["p1", "p2", "p 3"] }));
    asked = undefined;
    const none = await check("each-bot", ...permission);
    assert.deepEqual([none.code, none.stdout, asked], [2, "", undefined]);
    assert.match(none.stderr, /^error: no bot is named\nhint: /);
  });

  it("print the response with its denials as JSON", async () => {
    const status = { code: 7, message: "no" };
    answer = () => ({
      revisionToken,
      permitted: new Uint8Array([1]),
      denials: [{ index: 1, status }],
    });
    const { code, stdout } = await check("each-pool", "p1", "p2", ...permission, "--json");
    assert.equal(code, 1);
    assert.deepEqual(JSON.parse(stdout), {
      revisionToken,
      permitted: "AQ==",
      denials: [{ index: 1, status }],
    });
    assert.equal(asked?.reasons, true);
  });

  it("take no answer about other resources for theirs", async () => {
    for (const permitted of [new Uint8Array(), new Uint8Array([255, 255])]) {
      answer = () => ({ revisionToken, permitted });
      const { code, stdout, stderr } = await check("each-pool", "p1", "p2", ...permission);
      assert.deepEqual([code, stdout], [4, ""]);
      assert.match(stderr, /without a decision/);
    }
  });
});
