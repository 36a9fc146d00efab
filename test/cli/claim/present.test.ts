import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { formatBearerToken } from "../../../src/domain/bearer-token.ts";
import type { PresentClaimRequest } from "../../../src/gen/fleetgate/credential/v1/claim_service_pb.ts";
import { selfSigned } from "../../support/certificates.ts";
import { fingerprintOf, startSilentTls } from "../../support/silent-tls.ts";
import { closedGate, fleetgateError, startFake } from "../support/fake-fleetgate.ts";
import { runCli, type CliResult } from "../support/run-cli.ts";
import { makeFolder } from "../support/temp-folder.ts";

const tokenOf = (kind: "cl" | "tk", letter: string): string =>
  formatBearerToken({ kind, id: letter.repeat(16), secret: letter.repeat(43) });
const claimToken = tokenOf("cl", "c");
const taskTokens = [tokenOf("tk", "t"), tokenOf("tk", "u")];

const asked: PresentClaimRequest[] = [];
let errors: Error[] = [];
let won = 0;
const fake = await startFake({
  claim: {
    presentClaim: (request) => {
      asked.push(request);
      const error = errors.shift();
      if (error !== undefined) throw error;
      won += 1;
      return {
        ...{
          token: taskTokens[(won - 1) % 2] ?? "",
          credentialId: "t".repeat(16),
          taskUid: "uid-1",
        },
        ...{ payload: "https://jobs.example.com/7", deadline: timestampFromDate(new Date(0)) },
      };
    },
  },
});
const folder = makeFolder({ "claim.token": `${claimToken}\n` });
const path = (name: string): string => join(folder, name);
const present = (...more: readonly string[]): Promise<CliResult> => {
  asked.length = 0;
  won = 0;
  const where = ["--endpoint", fake.endpoint, "--header-file", path("claim.token")];
  return runCli(["claim", "present", "build-7", ...where, ...more]);
};
const lost = (): Error => new ConnectError("gone", Code.Unavailable);

describe("fleetgate claim present", () => {
  it("takes the job with the token of the claim, and keeps that of the task in a file", async () => {
    const file = path("task.token");
    const result = await present("--token-file", file);
    assert.deepEqual([result.code, result.stdout], [0, `wrote ${file}\n`], result.stderr);
    assert.equal(fake.headers.at(-1)?.get("authorization"), `Bearer ${claimToken}`);
    assert.equal(readFileSync(file, "utf8"), `${taskTokens[0] ?? ""}\n`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(
      result.stderr,
      /\ndeadline: 1970-01-01T00:00:00Z\npayload: https:\/\/jobs\.example/,
    );
    for (const secret of [claimToken, ...taskTokens, asked[0]?.nonce ?? "x"]) {
      assert.ok(!`${result.stdout}${result.stderr}`.includes(secret));
    }
    assert.match(asked[0]?.nonce ?? "", /^[\w-]{32}$/);
    assert.equal((await present("--token-file", file)).code, 2, "what is there may be a token");
    assert.equal(asked.length, 0);
  });

  it("shows the token alone on standard output without a file, with another nonce each time", async () => {
    assert.equal((await present()).stdout, `${taskTokens[0] ?? ""}\n`);
    const [first] = asked;
    await present();
    assert.notEqual(asked[0]?.nonce, first?.nonce);
  });

  it("asks again with the same nonce when the answer was lost or the server is not there", async () => {
    errors = [
      lost(),
      fleetgateError(Code.Unavailable, "STORAGE_UNAVAILABLE", "the database is away"),
    ];
    const { code, stderr } = await present();
    assert.equal(code, 0);
    assert.equal(stderr.match(/^asking again: /gm)?.length, 1, "who waits is told once why");
    assert.deepEqual([asked.length, new Set(asked.map(({ nonce }) => nonce)).size], [3, 1]);
  });

  it("waits for a gate that was closed after the answer was lost", async () => {
    errors = [lost(), closedGate(5), closedGate(10)];
    const { code, stderr } = await present();
    assert.deepEqual(
      [code, asked.length, new Set(asked.map(({ nonce }) => nonce)).size],
      [0, 4, 1],
    );
    assert.match(stderr, /asking again in 1 s/);
  });

  const answers: readonly (readonly [what: string, code: number, error: Error])[] = [
    ["is refused", 1, fleetgateError(Code.Unauthenticated, "CREDENTIAL_REQUIRED", "no")],
    ["has no such method", 4, new ConnectError("what?", Code.Unimplemented)],
    ["is turned away by a proxy", 4, new ConnectError("no", Code.Unauthenticated)],
    ["meets a closed gate", 4, fleetgateError(Code.ResourceExhausted, "GATE_CLOSED", "later")],
    ["names no job", 2, fleetgateError(Code.InvalidArgument, "INVALID_FIELD", "job_id")],
    ["meets a fault", 4, fleetgateError(Code.Internal, "INTERNAL_FAULT", "oops")],
  ];
  for (const [what, code, error] of answers) {
    it(`asks once, ends with ${code} and keeps no file when it ${what}`, async () => {
      errors = [error];
      const file = path("never.token");
      const result = await present("--token-file", file);
      assert.deepEqual([result.code, result.stdout, asked.length], [code, "", 1], result.stderr);
      assert.ok(!existsSync(file));
    });
  }

  it("asks once a server with another certificate than the pinned one", async (t) => {
    const silent = await startSilentTls(t, await selfSigned());
    const pin = ["--tls-fingerprint", fingerprintOf(await selfSigned())];
    const where = ["--endpoint", silent.url, "--header-file", path("claim.token")];
    const { code } = await runCli(["claim", "present", "build-7", ...where, ...pin]);
    assert.deepEqual([code, silent.connections(), silent.bytes()], [4, 1, 0]);
  });

  it("asks as the same worker after a restart, when the nonce is kept", async () => {
    const files = ["--nonce-file", path("nonce"), "--token-file", path("again.token")];
    errors = [fleetgateError(Code.Internal, "INTERNAL_FAULT", "oops")];
    assert.equal((await present(...files)).code, 4);
    const [first] = asked;
    assert.equal(statSync(path("nonce")).mode & 0o777, 0o600);
    for (const round of [1, 2]) {
      assert.equal((await present(...files)).code, 0, `round ${round}`);
      assert.equal(asked[0]?.nonce, first?.nonce);
      assert.equal(readFileSync(path("again.token"), "utf8"), `${taskTokens[0] ?? ""}\n`);
    }
    writeFileSync(path("nonce"), "hunter2");
    const bad = await present(...files);
    assert.deepEqual([bad.code, asked.length], [2, 0]);
    assert.doesNotMatch(bad.stderr, /hunter2/);
  });

  it("wants the token of the claim in a file, and says the status to programs", async () => {
    const bare = await runCli(["claim", "present", "build-7", "--endpoint", fake.endpoint]);
    assert.equal(bare.code, 2);
    assert.match(bare.stderr, /--header-file/);
    errors = [fleetgateError(Code.Unauthenticated, "CREDENTIAL_REQUIRED", "no")];
    const refused = await present("--json");
    assert.equal(refused.code, 1);
    assert.equal((JSON.parse(refused.stdout) as { readonly code: number }).code, 16);
  });
});
