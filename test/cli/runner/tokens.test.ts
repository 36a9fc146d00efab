import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { formatBearerToken } from "../../../src/domain/bearer-token.ts";
import type { RotateCredentialRequest } from "../../../src/gen/fleetgate/credential/v1/credential_service_pb.ts";
import type {
  CreateEnrollTokenRequest,
  EnrollRequest,
} from "../../../src/gen/fleetgate/credential/v1/runner_service_pb.ts";
import { closedGate, fleetgateError, startFake } from "../support/fake-fleetgate.ts";
import { runCli, type CliResult } from "../support/run-cli.ts";
import { makeFolder } from "../support/temp-folder.ts";

const at = timestampFromDate(new Date("2030-01-02T03:04:05Z"));
const idOf = (letter: string): string => letter.repeat(16);
const tokenOf = (kind: "en" | "rn", letter: string): string =>
  formatBearerToken({ kind, id: idOf(letter), secret: letter.repeat(43) });
const enrollToken = tokenOf("en", "e");
const runnerToken = tokenOf("rn", "r");
const nextToken = tokenOf("rn", "n");

let created: CreateEnrollTokenRequest | undefined;
const enrolled: EnrollRequest[] = [];
const rotated: RotateCredentialRequest[] = [];
let errors: Error[] = [];

const throwNext = (): void => {
  const error = errors.shift();
  if (error !== undefined) throw error;
};
const fake = await startFake({
  runner: {
    createEnrollToken: (request) => {
      created = request;
      return { token: enrollToken, credentialId: idOf("e"), expiresAt: at };
    },
    enroll: (request) => {
      enrolled.push(request);
      throwNext();
      const runner = { runnerId: "linux-1" };
      return { token: runnerToken, credentialId: idOf("r"), expiresAt: at, runner };
    },
  },
  credential: {
    rotateCredential: (request) => {
      rotated.push(request);
      throwNext();
      const previousExpiresAt = at;
      return { token: nextToken, credentialId: idOf("n"), expiresAt: at, previousExpiresAt };
    },
  },
});
const folder = makeFolder({ en: `${enrollToken}\n` });
const path = (name: string): string => join(folder, name);
const fleetgate = (...args: readonly string[]): Promise<CliResult> =>
  runCli([...args, "--endpoint", fake.endpoint]);
const lost = (): Error => new ConnectError("gone", Code.Unavailable);
const assertNoSecret = ({ stdout, stderr }: CliResult): void => {
  for (const secret of [enrollToken, runnerToken, nextToken]) {
    assert.ok(!`${stdout}${stderr}`.includes(secret));
  }
};

describe("fleetgate runner enroll-token", () => {
  it("shows the token alone on standard output, and says for how many machines it is", async () => {
    const shown = await fleetgate(
      ...["runner", "enroll-token", "linux-1", "--max-uses", "40", "--ttl", "24h"],
    );
    assert.equal(shown.stdout, `${enrollToken}\n`);
    assert.match(
      shown.stderr,
      /^enrolment token e{16} of runner linux-1, for 40 machines, expires/,
    );
    assert.deepEqual([created?.maxUses, created?.ttl?.seconds], [40, 86_400n]);
    const one = await fleetgate("runner", "enroll-token", "linux-1");
    assert.match(one.stderr, /for 1 machine,/);
    assert.deepEqual([created?.maxUses, created?.ttl], [0, undefined]);
  });

  it("writes it into a new file of mode 0600, and nowhere else", async () => {
    const file = path("enroll.token");
    const result = await fleetgate(
      "runner",
      "enroll-token",
      "linux-1",
      "--token-file",
      file,
      "--json",
    );
    assert.equal(readFileSync(file, "utf8"), `${enrollToken}\n`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assertNoSecret(result);
  });
});

describe("fleetgate runner enroll", () => {
  const enroll = (...more: readonly string[]): Promise<CliResult> =>
    fleetgate("runner", "enroll", "--system-id", "s1", "--header-file", path("en"), ...more);

  it("presents the enrolment token of a file, and keeps the runner token in another", async () => {
    enrolled.length = 0;
    const files = ["--token-file", path("runner.token")];
    const said = ["--name", "rack1", "--label", "ssd", "--audience", "cache"];
    const result = await enroll(...files, ...said);
    assert.equal(result.code, 0, result.stderr);
    assert.equal(fake.headers.at(-1)?.get("authorization"), `Bearer ${enrollToken}`);
    assert.equal(readFileSync(path("runner.token"), "utf8"), `${runnerToken}\n`);
    assert.equal(statSync(path("runner.token")).mode & 0o777, 0o600);
    assertNoSecret(result);
    assert.match(result.stderr, /^runner token r{16}, manager s1 of runner linux-1, expires 2030/);
    const { systemId, info, audiences } = enrolled[0] ?? {};
    assert.deepEqual(
      [systemId, info?.name, info?.labels, audiences],
      ["s1", "rack1", ["ssd"], ["cache"]],
    );
    // What is there may be the only copy.
    assert.equal((await enroll(...files)).code, 2);
    const none = await fleetgate("runner", "enroll", "--system-id", "s1");
    assert.equal(none.code, 2);
    assert.match(none.stderr, /the enrolment token with --header-file/);
    assert.equal(enrolled.length, 1);
  });

  it("U48: shows the same nonce again when the answer was lost, and each command has its own", async () => {
    enrolled.length = 0;
    errors = [lost(), fleetgateError(Code.Unavailable, "STORAGE_UNAVAILABLE", "no database")];
    assert.equal((await enroll()).stdout, `${runnerToken}\n`);
    assert.equal(enrolled.length, 3);
    assert.equal(new Set(enrolled.map(({ nonce }) => nonce)).size, 1);
    assert.match(enrolled[0]?.nonce ?? "", /^[0-9A-Za-z_-]{16,64}$/);
    await enroll();
    assert.equal(new Set(enrolled.map(({ nonce }) => nonce)).size, 2);
  });

  it("takes a refusal for an answer, says what to do, and leaves no file", async () => {
    enrolled.length = 0;
    errors = [
      fleetgateError(Code.AlreadyExists, "ALREADY_EXISTS", "there is one", { kind: "manager" }),
    ];
    const refused = await enroll("--token-file", path("none"));
    assert.deepEqual([refused.code, enrolled.length, existsSync(path("none"))], [4, 1, false]);
    assert.match(refused.stderr, /hint: .*fleetgate runner delete-manager/);
  });
});

describe("fleetgate credential rotate", () => {
  const rotate = (...more: readonly string[]): Promise<CliResult> =>
    fleetgate("credential", "rotate", ...more);

  it("puts the new token in the place of the one that it presents, in one step", async () => {
    rotated.length = 0;
    const file = path("own.token");
    writeFileSync(file, `${runnerToken}\n`, { mode: 0o600 });
    const own = ["--header-file", file, "--token-file", file];
    const result = await rotate(...own, "--grace", "0s", "--ttl", "90d", "--json");
    assert.equal(result.code, 0, result.stderr);
    assert.equal(fake.headers.at(-1)?.get("authorization"), `Bearer ${runnerToken}`);
    assert.equal(readFileSync(file, "utf8"), `${nextToken}\n`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(existsSync(`${file}.new`), false);
    assertNoSecret(result);
    const { credentialId, grace, ttl } = rotated[0] ?? {};
    assert.deepEqual([credentialId, grace?.seconds, ttl?.seconds], ["", 0n, 7_776_000n]);
  });

  it("leaves the old token where it was when there is no new one, and does not ask when it could not keep it", async () => {
    const file = path("kept.token");
    writeFileSync(file, `${runnerToken}\n`, { mode: 0o600 });
    errors = [
      fleetgateError(Code.FailedPrecondition, "ILLEGAL_TRANSITION", "was rotated", {
        from: "rotated",
      }),
    ];
    const refused = await rotate("--header-file", file, "--token-file", file);
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, /hint: each token is rotated once/);
    assert.equal(readFileSync(file, "utf8"), `${runnerToken}\n`);
    assert.equal(existsSync(`${file}.new`), false);
    rotated.length = 0;
    assert.equal((await rotate("--token-file", path("no/such/folder"))).code, 2);
    assert.equal(rotated.length, 0);
  });

  it("does not touch what a command that was cut off has left, and says what it is", async () => {
    rotated.length = 0;
    const file = path("cut.token");
    writeFileSync(`${file}.new`, `${nextToken}\n`, { mode: 0o600 });
    const result = await rotate("--token-file", file);
    assert.deepEqual([result.code, rotated.length], [2, 0]);
    assert.match(
      result.stderr,
      /hint: a command before was cut off.*cut\.token\.new holds a token/,
    );
    assert.equal(readFileSync(`${file}.new`, "utf8"), `${nextToken}\n`);
  });

  it("repeats what a command was cut off at with the nonce of its file, and forgets that once the token is kept", async () => {
    rotated.length = 0;
    const file = path("repeated.token");
    const nonceFile = path("rotate.nonce");
    const files = ["--token-file", file, "--nonce-file", nonceFile];
    errors = [fleetgateError(Code.ResourceExhausted, "GATE_CLOSED", "closed")];
    assert.equal((await rotate(...files)).code, 4);
    assert.equal(statSync(nonceFile).mode & 0o777, 0o600);
    // A command that is cut off leaves this.
    writeFileSync(`${file}.new`, "");
    assert.equal((await rotate(...files)).code, 0);
    assert.equal(readFileSync(file, "utf8"), `${nextToken}\n`);
    assert.equal(existsSync(nonceFile), false);
    assert.equal(rotated.length, 2);
    assert.equal(new Set(rotated.map(({ nonce }) => nonce)).size, 1);
    await rotate(...files);
    assert.equal(new Set(rotated.map(({ nonce }) => nonce)).size, 2);
  });

  it("U48: shows the same nonce again when the answer was lost", async () => {
    rotated.length = 0;
    errors = [lost(), lost()];
    assert.equal((await rotate(idOf("r"))).stdout, `${nextToken}\n`);
    assert.deepEqual(
      rotated.map(({ credentialId }) => credentialId),
      Array(3).fill(idOf("r")),
    );
    assert.equal(new Set(rotated.map(({ nonce }) => nonce)).size, 1);
    assert.equal(rotated[0]?.grace, undefined);
  });

  it("U48: waits for a gate that was closed after the answer was lost, with the same nonce", async () => {
    rotated.length = 0;
    errors = [lost(), closedGate(5), closedGate(10), lost()];
    const { stdout, stderr } = await rotate(idOf("r"));
    assert.equal(stdout, `${nextToken}\n`);
    assert.match(stderr, /an operator keeps this closed for a while: asking again in 1 s/);
    assert.deepEqual([rotated.length, new Set(rotated.map(({ nonce }) => nonce)).size], [5, 1]);
  });

  it("U11: never takes a token from the command line, nor quotes one", async () => {
    rotated.length = 0;
    const result = await rotate(runnerToken);
    assert.deepEqual([result.code, rotated.length], [2, 0]);
    assertNoSecret(result);
  });
});
