import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Reason } from "../../src/domain/errors.ts";
import { identityRule } from "../../src/domain/identity.ts";
import { denial, fleetgateError, startFake } from "./support/fake-fleetgate.ts";
import { runCli } from "./support/run-cli.ts";

const revisionToken = "AQid";
const permission = ["--permission", "swarming.pools.createTask"];

/** Every check, what it sends, and under which method. */
const checks: readonly { readonly args: readonly string[]; readonly sent: unknown }[] = [
  {
    args: ["server", ...permission],
    sent: { method: "checkServerPerm", caller: "", permission: permission[1] },
  },
  {
    args: ["pool", "p1", ...permission, "--caller", "user:ann@example.com"],
    sent: {
      method: "checkPoolPerm",
      caller: "user:ann@example.com",
      permission: permission[1],
      pool: "p1",
    },
  },
  {
    args: ["pools", "p1", "p2", ...permission],
    sent: {
      method: "checkAllPoolsPerm",
      caller: "",
      permission: permission[1],
      pools: ["p1", "p2"],
    },
  },
  {
    args: ["pools", "p1", "p2", "--all", ...permission],
    sent: {
      method: "checkAllPoolsPerm",
      caller: "",
      permission: permission[1],
      pools: ["p1", "p2"],
    },
  },
  {
    args: ["pools", "--any", "p1", "p2", ...permission],
    sent: {
      method: "checkAnyPoolsPerm",
      caller: "",
      permission: permission[1],
      pools: ["p1", "p2"],
    },
  },
  {
    args: [
      ...["task", "t1", "--permission", "swarming.tasks.get", "--realm", "a:b"],
      ...["--pool", "p1", "--bot", "b1", "--submitter", "user:bob@example.com"],
    ],
    sent: {
      method: "checkTaskPerm",
      caller: "",
      permission: "swarming.tasks.get",
      task: {
        taskId: "t1",
        realm: "a:b",
        pool: "p1",
        botId: "b1",
        submitter: "user:bob@example.com",
      },
    },
  },
  {
    args: ["bot", "b1", ...permission],
    sent: { method: "checkBotPerm", caller: "", permission: permission[1], botId: "b1" },
  },
  {
    args: ["create-in-realm", "a:b", "--caller", "user:ann@example.com"],
    sent: { method: "checkCreateInRealm", caller: "user:ann@example.com", realm: "a:b" },
  },
  {
    args: ["act-as", "builder@example.com", "--realm", "a:b"],
    sent: { method: "checkActAs", serviceAccount: "builder@example.com", realm: "a:b" },
  },
];

let answer: () => object;
let asked: unknown;
let freshness: unknown;

const handle = (method: string) => (request: object) => {
  const { $typeName, consistency, ...said } = request as Record<string, unknown>;
  assert.ok($typeName);
  const { callerAssertion = "", ...fields } = said;
  assert.equal(callerAssertion, "", "the command line has none");
  asked = JSON.parse(
    JSON.stringify({ method, ...fields }, (key: string, value: unknown) =>
      key === "$typeName" ? undefined : value,
    ),
  );
  freshness = (consistency as { readonly requirement?: unknown } | undefined)?.requirement;
  return answer();
};

const fake = await startFake({
  acl: {
    checkServerPerm: handle("checkServerPerm"),
    checkPoolPerm: handle("checkPoolPerm"),
    checkAllPoolsPerm: handle("checkAllPoolsPerm"),
    checkAnyPoolsPerm: handle("checkAnyPoolsPerm"),
    filterPoolsByPerm: handle("filterPoolsByPerm"),
    checkTaskPerm: handle("checkTaskPerm"),
    checkBotPerm: handle("checkBotPerm"),
    checkCreateInRealm: handle("checkCreateInRealm"),
    checkActAs: handle("checkActAs"),
  },
});

describe("fleetgate check", () => {
  const check = (...args: readonly string[]): ReturnType<typeof runCli> =>
    runCli(["check", ...args, "--endpoint", fake.endpoint]);

  for (const { args, sent } of checks) {
    it(`asks what the command line says: ${args.join(" ")}`, async () => {
      answer = () => ({ revisionToken });
      assert.deepEqual(await check(...args), { code: 0, stdout: "permitted\n", stderr: "" });
      assert.deepEqual(asked, sent);
      assert.equal(freshness, undefined);
    });

    it(`ends with 1 when denied: ${args.slice(0, 2).join(" ")}`, async () => {
      answer = () => {
        throw denial('"x" has no "y"');
      };
      const stdout = 'denied: "x" has no "y"\n';
      assert.deepEqual(await check(...args), { code: 1, stdout, stderr: "" });
    });
  }

  it("asks for freshness", async () => {
    answer = () => ({ revisionToken });
    await check("server", ...permission, "--at-least-as-fresh", revisionToken);
    assert.deepEqual(freshness, { case: "atLeastAsFresh", value: revisionToken });
    await check("server", ...permission, "--fully-consistent");
    assert.deepEqual(freshness, { case: "fullyConsistent", value: true });
  });

  it("prints the pools that a filter leaves, one a line, and ends with 0 when none is left", async () => {
    answer = () => ({ revisionToken, pools: ["p2", "p 1"] });
    const args = ["filter", "p2", "p 1", "p3", ...permission];
    assert.deepEqual(await check(...args), { code: 0, stdout: "p2\np 1\n", stderr: "" });
    answer = () => ({ revisionToken, pools: [] });
    assert.deepEqual(await check(...args), { code: 0, stdout: "", stderr: "" });
  });

  for (const { args } of [...checks, { args: ["filter", "p1", ...permission] }]) {
    it(`takes an answer that says nothing for no permit: ${args[0]}`, async () => {
      answer = () => ({});
      const { code, stdout, stderr } = await check(...args);
      assert.deepEqual([code, stdout], [4, ""]);
      assert.match(stderr, /without a decision/);
    });
  }

  it("prints protobuf JSON: the response, or the status of a denial", async () => {
    answer = () => ({ revisionToken });
    const yes = await check("pool", "p1", ...permission, "--json");
    assert.deepEqual(JSON.parse(yes.stdout), { revisionToken });
    answer = () => {
      throw denial("no", { pool: "p1" });
    };
    const no = await check("pool", "p1", ...permission, "--json");
    assert.equal(no.code, 1);
    assert.equal(no.stderr, "");
    assert.deepEqual(JSON.parse(no.stdout), {
      code: 7,
      message: "no",
      details: [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          domain: "fleetgate",
          reason: "PERMISSION_DENIED",
          metadata: { pool: "p1" },
        },
      ],
    });
  });

  const failures: readonly (readonly [Code, Reason, number])[] = [
    [Code.Internal, "CHECK_UNAVAILABLE", 4],
    [Code.Internal, "FRESHNESS_NOT_REACHED", 4],
    [Code.Unauthenticated, "CREDENTIAL_REQUIRED", 4],
    [Code.FailedPrecondition, "ON_BEHALF_OF_FORBIDDEN", 4],
    [Code.FailedPrecondition, "REVISION_TOKEN_FOREIGN", 4],
    [Code.InvalidArgument, "UNKNOWN_FIELD", 4],
    [Code.InvalidArgument, "INVALID_FIELD", 2],
    [Code.PermissionDenied, "GROUP_REQUIRED", 4],
  ];
  for (const [code, reason, exitCode] of failures) {
    it(`ends with ${exitCode} for ${reason}, never with 0 or 1`, async () => {
      answer = () => {
        throw fleetgateError(code, reason, "cannot say");
      };
      const result = await check("pool", "p1", ...permission);
      assert.equal(result.code, exitCode);
      assert.equal(result.stdout, "");
      assert.match(result.stderr, new RegExp(`^error: cannot say\nreason: ${reason}\n`));
    });
  }

  it("says how people are written when an identity is malformed", async () => {
    for (const rule of [identityRule, `${identityRule}; empty for the peer itself`]) {
      answer = () => {
        const metadata = { field: "caller", rule };
        throw fleetgateError(Code.InvalidArgument, "INVALID_FIELD", "caller: bad", metadata);
      };
      const result = await check("pool", "p1", ...permission, "--caller", "ann@example.com");
      assert.equal(result.code, 2);
      assert.match(result.stderr, /\nhint: people are written as "user:name@domain"\n$/);
    }
  });

  it("does not take a refusal that Fleetgate did not make for a decision", async () => {
    answer = () => {
      throw new ConnectError("403 of a proxy", Code.PermissionDenied);
    };
    const result = await check("pool", "p1", ...permission);
    assert.equal(result.code, 4);
    assert.match(result.stderr, /permission_denied: 403 of a proxy\nhint: .*proxy/);
  });

  it("escapes control characters of an answer", async () => {
    answer = () => {
      throw denial("a\u001b[2Jb\nc");
    };
    const result = await check("pool", "p1", ...permission);
    assert.equal(result.stdout, "denied: a\\u001b[2Jb\\u000ac\n");
  });

  it("refuses an empty caller, which the server would take for the peer", async () => {
    answer = () => ({ revisionToken });
    const result = await check("pool", "p1", ...permission, "--caller", "");
    assert.equal(result.code, 2);
    assert.match(result.stderr, /--caller.*must not be empty/);
  });

  for (const option of ["--realm", "--pool", "--bot", "--submitter"]) {
    it(`refuses an empty ${option} of a task, which would ask about another task`, async () => {
      asked = undefined;
      const args = ["task", "t1", ...permission, "--realm", "a:b", "--pool", "p1"];
      const result = await check(...args, option, "");
      assert.equal(result.code, 2);
      assert.match(result.stderr, new RegExp(`${option}.*must not be empty`));
      assert.equal(asked, undefined);
    });
  }

  it("takes a pool whose name begins with a dash behind --", async () => {
    answer = () => ({ revisionToken, pools: [] });
    const result = await runCli([
      ...["check", "filter", "--endpoint", fake.endpoint, ...permission],
      ...["--", "-p", "--json"],
    ]);
    assert.equal(result.code, 0);
    assert.deepEqual((asked as { pools: unknown }).pools, ["-p", "--json"]);
  });
});
