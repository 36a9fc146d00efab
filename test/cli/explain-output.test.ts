import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openBench, type Bench } from "../rpc/support/bench.ts";
import { inspectState, type Asker } from "../rpc/inspect/support/inspect-world.ts";
import { runAs } from "./support/run-as.ts";
import type { CliResult } from "./support/run-cli.ts";
import { explainedWorld } from "./support/explained-world.ts";

const ann = "user:ann@example.com";
const createTask = ["--permission", "swarming.pools.createTask"];

describe("fleetgate explain", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
    bench.replica.state = inspectState(explainedWorld);
  });
  after(() => bench.close());

  const explain = (asker: Asker, ...args: readonly string[]): Promise<CliResult> =>
    runAs(asker, bench.servers.http2, ["explain", ...args]);

  const outputs: readonly {
    readonly what: string;
    readonly args: readonly string[];
    readonly code: number;
    readonly lines: readonly string[];
  }[] = [
    {
      what: "the way from a caller over groups and a binding to a permission",
      args: ["pool", "ci", ...createTask, "--caller", ann],
      code: 0,
      lines: [
        "permitted  (revision 7)",
        `  ${ann}`,
        '  → listed in group "linux-devs" (source main)',
        '  → nested in "devs" (source main)',
        '  → nested in "everybody" (source main)',
        '  → bound to role/swarming.poolUser in realm acme:ci (source main) → swarming.pools.createTask in pool "ci"',
      ],
    },
    {
      what: "a member that is written in other letters",
      args: ["pool", "ci", ...createTask, "--caller", "user:ANN@example.com"],
      code: 0,
      lines: [
        "permitted  (revision 7)",
        "  user:ANN@example.com",
        '  → listed in group "linux-devs" (source main) as user:ann@example.com',
        '  → nested in "devs" (source main)',
        '  → nested in "everybody" (source main)',
        '  → bound to role/swarming.poolUser in realm acme:ci (source main) → swarming.pools.createTask in pool "ci"',
      ],
    },
    {
      what: "a glob, and a setting",
      args: ["server", "--permission", "swarming.pools.listBots"],
      code: 0,
      lines: [
        "permitted  (revision 7)",
        "  you",
        '  → matched by user:*@example.com of group "watchers" (source main)',
        "  → named by view_all_bots_group of the settings → swarming.pools.listBots at the server level",
      ],
    },
    {
      what: "inheritance, and a role in a role",
      args: ["pool", "b", ...createTask, "--caller", "user:bob@example.com"],
      code: 0,
      lines: [
        "permitted  (revision 7)",
        "  user:bob@example.com",
        '  → bound to customRole/lead in realm beta:@root (source main) → swarming.pools.createTask in pool "b"',
        "    (inherited: beta:try from beta:@root)",
        "    (roles: customRole/lead includes role/swarming.poolUser)",
      ],
    },
    {
      what: "the submitter of a task",
      args: [
        "task",
        "t1",
        "--permission",
        "swarming.tasks.get",
        "--submitter",
        ann,
        "--caller",
        ann,
      ],
      code: 0,
      lines: ["permitted  (revision 7)", `  ${ann}`, "  → submitted the task"],
    },
    {
      what: "an account",
      args: ["act-as", "robot@example.com", "--realm", "acme:ci"],
      code: 0,
      lines: [
        "permitted  (revision 7)",
        "  user:robot@example.com",
        "  → bound to role/swarming.taskServiceAccount in realm acme:ci (source main) → swarming.tasks.actAs",
      ],
    },
    {
      what: "each pool of a filter",
      args: ["filter", "ci", "secret", "none", "b", "lost", ...createTask, "--caller", ann],
      code: 0,
      lines: [
        "1 of 5 left  (revision 7)",
        "  ci",
        "why:",
        "  server level: no: nobody has swarming.pools.createTask there",
        '  pool "ci" (realm acme:ci): yes',
        `    ${ann}`,
        '    → listed in group "linux-devs" (source main)',
        '    → nested in "devs" (source main)',
        '    → nested in "everybody" (source main)',
        '    → bound to role/swarming.poolUser in realm acme:ci (source main) → swarming.pools.createTask in pool "ci"',
        '  pool "secret" (realm acme:secret): no: nobody has swarming.pools.createTask there',
        '  pool "none": no: there is no such pool',
        '  pool "b" (realm beta:try): no: others have swarming.pools.createTask there, the caller does not',
        '  pool "lost" (realm beta:nowhere, which is not defined: beta:@root counts): no: others have swarming.pools.createTask there, the caller does not',
      ],
    },
  ];
  for (const { what, args, code, lines } of outputs) {
    it(`shows ${what}`, async () => {
      const result = await explain("reader", ...args);
      assert.deepEqual(result.stdout.trimEnd().split("\n"), lines, result.stderr);
      assert.deepEqual([result.code, result.stderr], [code, ""]);
    });
  }

  it("shows each step of a denial, and what would allow", async () => {
    const args = ["pools", "ci", "secret", ...createTask, "--caller", ann];
    const { code, stdout } = await explain("reader", ...args);
    const lines = stdout.trimEnd().split("\n");
    assert.equal(code, 1);
    assert.deepEqual(lines.slice(0, 4), [
      "denied  (revision 7)",
      `  Permission "swarming.pools.createTask" denied for "${ann}" in some of the requested pools (or they do not exist)`,
      "why:",
      "  server level: no: nobody has swarming.pools.createTask there",
    ]);
    assert.ok(
      lines.includes(
        '  pool "secret" (realm acme:secret): no: nobody has swarming.pools.createTask there',
      ),
      stdout,
    );
    const from = lines.indexOf("any one of these would allow:");
    assert.match(
      lines[from + 1] ?? "",
      /^ {2}bind role\/swarming\.poolUser to user:ann@example\.com in realm acme:secret {2}\(gives \d+ permissions? at most\)$/,
    );
  });

  it("says in one line that there is no explanation for who may not read it", async () => {
    const permitted = await explain("ann", "pool", "ci", ...createTask);
    assert.deepEqual(permitted, {
      code: 0,
      stdout: "permitted\n",
      stderr: "the server does not tell you why: you are no reader\n",
    });
    const denied = await explain("ann", "pool", "secret", ...createTask);
    assert.deepEqual(denied, {
      code: 1,
      stdout: `denied\n  Permission "swarming.pools.createTask" denied for "${ann}" in pool "secret" (or the pool does not exist)\n`,
      stderr: "the server does not tell you why: you are no reader\n",
    });
  });

  it("shows owners of groups what is theirs, and that there is more", async () => {
    bench.replica.state = inspectState();
    const result = await explain("owner", "pool", "ci", ...createTask, "--caller", ann);
    bench.replica.state = inspectState(explainedWorld);
    assert.deepEqual(result, {
      code: 0,
      stdout: [
        "permitted  (revision 7)",
        `  ${ann}`,
        "  → in groups that you may not read",
        '  → nested in "devs" (source main)',
        "  → in groups that you may not read",
        "",
      ].join("\n"),
      stderr: "parts are left out that only readers see\n",
    });
  });

  it("prints the response with --json, of denials too", async () => {
    const { code, stdout } = await explain("reader", "pool", "secret", ...createTask, "--json");
    assert.equal(code, 1);
    const { outcome, explanation, revisionToken } = JSON.parse(stdout) as {
      readonly outcome: {
        readonly code: number;
        readonly details: readonly { readonly reason: string }[];
      };
      readonly explanation: { readonly steps: readonly unknown[] };
      readonly revisionToken: string;
    };
    assert.equal(outcome.code, 7);
    assert.equal(outcome.details[0]?.reason, "PERMISSION_DENIED");
    assert.equal(explanation.steps.length, 2);
    assert.equal(revisionToken, inspectState(explainedWorld).revisionToken);
  });

  it("ends with 4 for everything that is no decision, with 2 for a malformed field", async () => {
    const forbidden = await explain("ann", "pool", "ci", ...createTask, "--caller", "user:x@y.z");
    assert.deepEqual([forbidden.code, forbidden.stdout], [4, ""]);
    assert.match(forbidden.stderr, /reason: ON_BEHALF_OF_FORBIDDEN/);
    const malformed = await explain("reader", "pool", "a:b", ...createTask);
    assert.deepEqual([malformed.code, malformed.stdout], [2, ""]);
  });
});
