import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { formatBearerToken } from "../../../src/domain/bearer-token.ts";
import {
  ClaimState,
  type ExtendClaimRequest,
  type ListClaimsRequest,
  type OpenClaimRequest,
  type ReportExecutorRequest,
  type SupersedeClaimRequest,
} from "../../../src/gen/fleetgate/credential/v1/claim_service_pb.ts";
import { Trust } from "../../../src/gen/fleetgate/credential/v1/subject_pb.ts";
import { fleetgateError, startFake } from "../support/fake-fleetgate.ts";
import { runCli, type CliResult } from "../support/run-cli.ts";
import { makeFolder } from "../support/temp-folder.ts";

const at = timestampFromDate(new Date("2030-01-02T03:04:05Z"));
const token = formatBearerToken({ kind: "cl", id: "c".repeat(16), secret: "s".repeat(43) });
const id = "6f1f6a3e-3c0e-4d53-9d6f-0d7f3a0c9b11";
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const opened: OpenClaimRequest[] = [];
const superseded: SupersedeClaimRequest[] = [];
let listed: ListClaimsRequest | undefined;
let extended: ExtendClaimRequest | undefined;
let reported: ReportExecutorRequest | undefined;
let errors: Error[] = [];
let tlsFingerprint = "";

const pending = {
  ...{ claimId: id, jobId: "build-7", realm: "chromium:ci", opener: "user:ann@example.com" },
  ...{ state: ClaimState.PENDING, deadline: at, openedAt: at, credentialId: "c".repeat(16) },
  version: 1n,
};
const failed = {
  ...{ ...pending, state: ClaimState.FAILED, endedAt: at, version: 2n },
  error: "no room\u001b",
};
const fake = await startFake({
  claim: {
    openClaim: (request) => {
      opened.push(request);
      const error = errors.shift();
      if (error !== undefined) throw error;
      return { token, tlsFingerprint, claim: { ...pending, claimId: request.claimId } };
    },
    supersedeClaim: (request) => {
      superseded.push(request);
      return { token, tlsFingerprint, claim: { ...pending, claimId: request.newClaimId } };
    },
    getClaim: () => ({
      claim: {
        ...failed,
        ...{ executor: "vm/1", payload: "https://jobs.example.com" },
        refusals: [
          { reason: "wrong_secret", count: 3n, lastAt: at, source: "203.0.113.7" },
          { reason: "over", count: 1n, lastAt: at, source: "" },
        ],
      },
    }),
    listClaims: (request) => {
      listed = request;
      return request.pageToken === ""
        ? { claims: [pending], nextPageToken: "2" }
        : { claims: [failed], nextPageToken: "" };
    },
    extendClaim: (request) => {
      extended = request;
      return { claim: pending };
    },
    cancelClaim: () => ({ claim: { ...pending, state: ClaimState.CANCELED, endedAt: at } }),
    reportExecutor: (request) => {
      reported = request;
      return { claim: failed };
    },
  },
});
const folder = makeFolder();
const path = (name: string): string => join(folder, name);
const claim = (...args: readonly string[]): Promise<CliResult> =>
  runCli(["claim", ...args, "--endpoint", fake.endpoint]);
const open = (...more: readonly string[]): Promise<CliResult> =>
  claim("open", "build-7", "--realm", "chromium:ci", "--time-limit", "1h", ...more);

describe("fleetgate claim open", () => {
  it("sends all its options, and shows the token alone on standard output", async () => {
    const options = [
      ...["--ttl", "15m", "--permission", "a.b.c", "--permission", "a.b.d", "--audience", "cache"],
      ...["--trust", "trusted", "--ref", "refs/heads/x", "--default-ref", "refs/heads/main"],
      ...["--delegated-user", "user:bob@example.com", "--dependency", "build-1", "--pool", "p"],
      ...["--awaiting-ack", "--executor", "vm/1", "--payload", "https://j", "--claim", id],
    ];
    const { code, stdout, stderr } = await open(...options);
    assert.deepEqual([code, stdout], [0, `${token}\n`]);
    const request = opened.at(-1) ?? assert.fail("nothing was opened");
    const { claimId, jobId, realm, ttl, terms, executor, payload } = request;
    assert.deepEqual(
      [claimId, jobId, realm, ttl?.seconds, executor, payload],
      [id, "build-7", "chromium:ci", 900n, "vm/1", "https://j"],
    );
    const { $typeName: _, timeLimit, ...rest } = terms ?? assert.fail("there are no terms");
    assert.equal(timeLimit?.seconds, 3600n);
    assert.deepEqual(rest, {
      ...{ permissions: ["a.b.c", "a.b.d"], audiences: ["cache"], trust: Trust.TRUSTED },
      ...{ ref: "refs/heads/x", defaultRef: "refs/heads/main" },
      ...{ delegatedUser: "user:bob@example.com", dependencies: ["build-1"], pool: "p" },
      awaitingAck: true,
    });
    assert.match(
      stderr,
      new RegExp(`^claim ${id} of job build-7, until 2030-01-02T03:04:05Z, tok`),
    );
    assert.doesNotMatch(stderr, /tls-fingerprint/);
  });

  it("writes the token into a new file of mode 0600 and nowhere else, and tells what to pin", async () => {
    tlsFingerprint = `sha256:${"ab".repeat(32)}`;
    const file = path("claim.token");
    const result = await open("--token-file", file);
    assert.equal(readFileSync(file, "utf8"), `${token}\n`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(result.stdout, `wrote ${file}\n`);
    assert.match(result.stderr, /--tls-fingerprint sha256:(ab){32}\n/);
    const json = await open("--token-file", path("other.token"), "--json");
    assert.ok(![result, json].some(({ stdout, stderr }) => `${stdout}${stderr}`.includes(token)));
    assert.equal((JSON.parse(json.stdout) as { token?: string }).token, undefined);
    const before = opened.length;
    assert.equal((await open("--token-file", file)).code, 2);
    assert.equal(opened.length, before);
  });

  it("asks again with the same id when the answer was lost, for untrusted code unless told", async () => {
    opened.length = 0;
    errors = [new ConnectError("gone", Code.Unavailable)];
    assert.equal((await open()).code, 0);
    const ids = opened.map(({ claimId }) => claimId);
    assert.deepEqual([ids.length, new Set(ids).size], [2, 1]);
    assert.match(ids[0] ?? "", uuid);
    assert.equal(opened[0]?.terms?.trust, Trust.UNTRUSTED);
    assert.equal(opened[0]?.ttl, undefined);
  });

  it("says the id when it gives up, and keeps no file; asks nobody again who has answered", async () => {
    opened.length = 0;
    errors = Array.from({ length: 3 }, () => new ConnectError("gone", Code.Unavailable));
    const file = path("none.token");
    const { code, stderr } = await open("--token-file", file);
    assert.equal(code, 4);
    assert.ok(stderr.includes(`--claim ${opened[0]?.claimId ?? ""} `));
    assert.ok(!existsSync(file));
    opened.length = 0;
    const other = { kind: "claim", name: id };
    errors = [fleetgateError(Code.AlreadyExists, "ALREADY_EXISTS", "it is", other)];
    const exists = await open();
    assert.deepEqual([exists.code, opened.length], [4, 1]);
    assert.match(exists.stderr, new RegExp(`hint: .*claim supersede ${id}`));
    const nowhere = await open("--token-file", path("no/such.token"));
    assert.deepEqual([nowhere.code, opened.length], [2, 1]);
    assert.match(nowhere.stderr, /there is no such directory/);
  });

  it("wants a realm and a time limit", async () => {
    const none = await claim("open", "build-7", "--realm", "chromium:ci");
    assert.deepEqual([none.code, none.stdout], [2, ""]);
    assert.match(none.stderr, /--time-limit/);
  });
});

describe("fleetgate claim", () => {
  it("supersede opens another one in its place", async () => {
    const { code, stdout } = await claim("supersede", id, "--ttl", "5m", "--executor", "vm/2");
    assert.deepEqual([code, stdout], [0, `${token}\n`]);
    const [request] = superseded;
    assert.equal(request?.claimId, id);
    assert.match(request?.newClaimId ?? "", uuid);
    assert.deepEqual([request?.ttl?.seconds, request?.executor], [300n, "vm/2"]);
  });

  it("get shows a claim and what was refused of it, harmless for a terminal", async () => {
    const { code, stdout } = await claim("get", id);
    assert.equal(code, 0);
    for (const line of [
      ...[`claim ${id}`, "job: build-7", "state: failed", "error: no room\\u001b"],
      ...["executor: vm/1", "payload: https://jobs.example.com"],
      "refused: wrong_secret from 203.0.113.7, 3 times, last counted at 2030-01-02T03:04:05Z",
      "refused: over, 1 time, last counted at 2030-01-02T03:04:05Z",
    ]) {
      assert.ok(stdout.split("\n").includes(line), line);
    }
  });

  it("list shows all pages, and with --all those that are over", async () => {
    const { stdout } = await claim("list", "--realm", "chromium:ci", "--job", "build-7", "--all");
    assert.deepEqual(stdout.match(/(pending|failed)(?= )/g), ["pending", "failed"]);
    assert.deepEqual(
      [listed?.realm, listed?.jobId, listed?.showEnded],
      ["chromium:ci", "build-7", true],
    );
    await claim("list", "--realm", "chromium:ci");
    assert.equal(listed?.showEnded, false);
  });

  it("extend, cancel and report tell how the claim is then", async () => {
    const until = " build-7 pending (until 2030-01-02T03:04:05Z)\n";
    assert.equal((await claim("extend", id, "--ttl", "20m")).stdout, `${id}${until}`);
    assert.equal(extended?.ttl?.seconds, 1200n);
    assert.equal((await claim("cancel", id)).stdout, `${id} build-7 canceled\n`);
    const { stdout } = await claim("report", id, "--error", "no room");
    assert.equal(stdout, `${id} build-7 failed (no room\\u001b)\n`);
    assert.equal(reported?.error, "no room");
    await claim("report", id);
    assert.equal(reported.error, "");
    assert.equal((await claim("extend", id)).code, 2);
  });
});
