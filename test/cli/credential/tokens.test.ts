import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { formatBearerToken } from "../../../src/domain/bearer-token.ts";
import type { IssueBootTokenRequest } from "../../../src/gen/fleetgate/credential/v1/bot_service_pb.ts";
import type { RegisterTaskRequest } from "../../../src/gen/fleetgate/credential/v1/task_service_pb.ts";
import { Trust } from "../../../src/gen/fleetgate/credential/v1/subject_pb.ts";
import { fleetgateError, startFake } from "../support/fake-fleetgate.ts";
import { runCli, type CliResult, type CliWorld } from "../support/run-cli.ts";
import { makeFolder } from "../support/temp-folder.ts";

const secretOf = (letter: string): string => letter.repeat(43);
const idOf = (letter: string): string => letter.repeat(16);
const tokenOf = (kind: "bb" | "bs" | "br" | "tk", letter: string): string =>
  formatBearerToken({ kind, id: idOf(letter), secret: secretOf(letter) });
const boot = tokenOf("bb", "b");
const sessionToken = tokenOf("bs", "s");
const resumeToken = tokenOf("br", "r");
const taskToken = tokenOf("tk", "t");
const secrets = [boot, sessionToken, resumeToken, taskToken];
const at = timestampFromDate(new Date("2030-01-02T03:04:05Z"));

let booted: IssueBootTokenRequest | undefined;
let bootError: Error | undefined;
let registered: RegisterTaskRequest | undefined;
const nonces: string[] = [];
let lostAnswers = 0;
const session = {
  ...{ token: sessionToken, resumeToken, credentialId: idOf("s"), epoch: 3n },
  expiresAt: at,
};

const fake = await startFake({
  bot: {
    issueBootToken: (request) => {
      booted = request;
      if (bootError !== undefined) throw bootError;
      return { token: boot, credentialId: idOf("b"), expiresAt: at };
    },
  },
  session: {
    openSession: () => ({ session }),
    takeOverSession: ({ nonce }) => {
      nonces.push(nonce);
      if (lostAnswers > 0) {
        lostAnswers -= 1;
        throw new ConnectError("gone", Code.Unavailable);
      }
      return { session };
    },
  },
  task: {
    registerTask: (request) => {
      registered = request;
      const minted = request.token === "" ? taskToken : "";
      return {
        task: { taskId: request.taskId, deadline: at },
        token: minted,
        credentialId: idOf("t"),
        leaseUntil: at,
      };
    },
  },
});
const folder = makeFolder();
const path = (name: string): string => join(folder, name);
const fleetgate = (args: readonly string[], world: CliWorld = {}): Promise<CliResult> =>
  runCli([...args, "--endpoint", fake.endpoint], world);
const bootArgs = ["bot", "boot-token", "vm1", "--generation", "2"];

describe("tokens", () => {
  it("stand alone on standard output, so that $(...) has them", async () => {
    const result = await fleetgate([...bootArgs, "--ttl", "10m", "--audience", "cache"]);
    assert.equal(result.code, 0);
    assert.equal(result.stdout, `${boot}\n`);
    assert.match(result.stderr, /^boot token b{16} of bot vm1, expires 2030-01-02T03:04:05Z\n/);
    const { botId, generation, ttl, audiences } = booted ?? {};
    assert.deepEqual([botId, generation, ttl?.seconds, audiences], ["vm1", 2, 600n, ["cache"]]);
  });

  it("go into a new file of mode 0600, and nowhere else", async () => {
    for (const json of [[], ["--json"]]) {
      const file = path(`boot${json.length}.token`);
      const result = await fleetgate([...bootArgs, "--token-file", file, ...json]);
      assert.equal(result.code, 0);
      assert.equal(readFileSync(file, "utf8"), `${boot}\n`);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      for (const secret of secrets) assert.ok(!`${result.stdout}${result.stderr}`.includes(secret));
    }
  });

  it("are not asked for when their file is there, and leave no file when there are none", async () => {
    const file = path("mine");
    writeFileSync(file, "mine");
    booted = undefined;
    const refused = await fleetgate([...bootArgs, "--token-file", file]);
    assert.equal(refused.code, 2);
    assert.equal(booted, undefined);
    assert.equal(readFileSync(file, "utf8"), "mine");
    bootError = fleetgateError(Code.FailedPrecondition, "GENERATION_MOVED", "moved", {
      generation: "3",
    });
    const none = await fleetgate([...bootArgs, "--token-file", path("none")]);
    bootError = undefined;
    assert.equal(none.code, 4);
    assert.match(none.stderr, /reason: GENERATION_MOVED\nhint: `fleetgate bot get`/);
    assert.equal(existsSync(path("none")), false);
  });

  it("in a file are a credential as they stand", async () => {
    writeFileSync(path("bare"), `${boot}\n`, { mode: 0o600 });
    await fleetgate(["session", "open", "--header-file", path("bare"), "--json"]);
    assert.equal(fake.headers.at(-1)?.get("authorization"), `Bearer ${boot}`);
  });
});

describe("fleetgate session", () => {
  it("open keeps the session token and, only in its file, the resume token", async () => {
    const result = await fleetgate(["session", "open", "--resume-file", path("resume")]);
    assert.equal(result.code, 0);
    assert.equal(result.stdout, `wrote ${path("resume")}\n${sessionToken}\n`);
    assert.equal(readFileSync(path("resume"), "utf8"), `${resumeToken}\n`);
    const without = await fleetgate(["session", "open"]);
    assert.equal(without.stdout, `${sessionToken}\n`);
    assert.match(without.stderr, /the resume token was not kept/);
    assert.ok(!without.stderr.includes(resumeToken));
  });

  it("take-over replaces the files of the session before, once there is another", async () => {
    for (const name of ["s", "r"]) writeFileSync(path(name), "old", { mode: 0o644 });
    const files = ["--token-file", path("s"), "--resume-file", path("r")];
    const result = await fleetgate(["session", "take-over", ...files, "--json"]);
    assert.equal(result.code, 0);
    assert.equal(readFileSync(path("s"), "utf8"), `${sessionToken}\n`);
    assert.equal(readFileSync(path("r"), "utf8"), `${resumeToken}\n`);
    assert.equal(statSync(path("r")).mode & 0o777, 0o600);
    assert.deepEqual(JSON.parse(result.stdout), {
      session: { credentialId: idOf("s"), epoch: "3", expiresAt: "2030-01-02T03:04:05Z" },
    });
  });

  it("U48: take-over shows the same nonce again when the answer was lost, and each command has its own", async () => {
    nonces.length = 0;
    lostAnswers = 2;
    assert.equal((await fleetgate(["session", "take-over"])).code, 0);
    assert.equal(nonces.length, 3);
    assert.equal(new Set(nonces).size, 1);
    assert.match(nonces[0] ?? "", /^[0-9A-Za-z_-]{16,64}$/);
    await fleetgate(["session", "take-over"]);
    assert.equal(new Set(nonces).size, 2);
  });
});

describe("fleetgate task register", () => {
  const args = ["task", "register", "t1", "--realm", "p:r", "--time-limit", "1h"];

  it("says what the options say; code is untrusted unless they say otherwise", async () => {
    const hold = "6f1f6a3e-3c0e-4d53-9d6f-0d7f3a0c9b11";
    const result = await fleetgate([
      ...args,
      ...["--hold", hold, "--lease", "1m", "--permission", "a.b.c", "--audience", "cache"],
      ...["--ref", "r1", "--default-ref", "main", "--dependency", "t0", "--dependency", "t00"],
    ]);
    assert.equal(result.stdout, `${taskToken}\n`);
    assert.match(result.stderr, new RegExp(`hold t1/${hold} until 2030-01-02T03:04:05Z`));
    const { holdId, lease, timeLimit, trust, ref, defaultRef, dependencies } = registered ?? {};
    assert.deepEqual(
      [holdId, lease?.seconds, timeLimit?.seconds, trust, ref, defaultRef, dependencies],
      [hold, 60n, 3600n, Trust.UNTRUSTED, "r1", "main", ["t0", "t00"]],
    );
    await fleetgate([...args, "--trust", "trusted"]);
    assert.equal(registered?.trust, Trust.TRUSTED);
  });

  it("takes the token of a forge from a file or standard input, and prints none", async () => {
    const supplied = "forge-".padEnd(40, "x");
    const result = await fleetgate([...args, "--supplied-token-file", "-"], {
      stdin: `${supplied}\n`,
    });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(registered?.token, supplied);
    assert.equal(result.stdout, "");
    assert.ok(!result.stderr.includes(supplied));
    const both = [...args, "--supplied-token-file", "f", "--token-file", "g"];
    assert.equal((await fleetgate(both)).code, 2);
  });
});
