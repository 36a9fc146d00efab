import assert from "node:assert/strict";
import { writeFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { KeyPurpose, KeyState } from "../../../src/gen/fleetgate/credential/v1/key_service_pb.ts";
import type { IdentifyCallerRequest } from "../../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { Freshness } from "../../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import {
  CredentialKind,
  TaskState,
  Trust,
} from "../../../src/gen/fleetgate/credential/v1/subject_pb.ts";
import { fleetgateError, startFake } from "../support/fake-fleetgate.ts";
import { runCli, type CliResult, type CliWorld } from "../support/run-cli.ts";
import { makeFolder } from "../support/temp-folder.ts";

const at = timestampFromDate(new Date("2030-01-02T03:04:05Z"));
const id = "Jx2vQ0r8sT1uVw3Y";
let identified: IdentifyCallerRequest | undefined;
let verdict: Error | undefined;
const seen: unknown[] = [];

const fake = await startFake({
  caller: {
    identifyCaller: (request) => {
      identified = request;
      if (verdict !== undefined) throw verdict;
      return {
        caller: {
          ...{ identity: "task:t1", kind: CredentialKind.TASK, credentialId: id, realm: "p:r" },
          ...{ taskState: TaskState.RUNNING, permissions: ["a.b.c", "fleetgate.tasks.report"] },
          ...{ epoch: 1n, expiresAt: at },
          readScopes: [{ realm: "p:r", trust: Trust.TRUSTED, ref: "main", taskId: "t0" }],
          writeScopes: [{ realm: "p:r", trust: Trust.UNTRUSTED }],
        },
        assertion: "the-assertion",
      };
    },
  },
  url: {
    signUrl: () => ({ grant: "the-grant", expiresAt: at }),
    verifyUrl: () => {
      if (verdict !== undefined) throw verdict;
      return { realm: "p:r", identity: "task:t1", expiresAt: at };
    },
  },
  signingKey: {
    listKeys: () => ({
      keys: [
        {
          ...{ keyId: "url-1", purpose: KeyPurpose.URL, state: KeyState.PASSIVE, passiveUntil: at },
          ...{ heldHere: true, heldBy: 2, replicas: 3, createdAt: at },
        },
      ],
    }),
  },
  credential: {
    revokeCredential: ({ credentialId, identity, reason }) => {
      seen.push([credentialId, identity, reason]);
      return { revoked: 2 };
    },
    listAuditEvents: ({ pageSize, pageToken }) => {
      seen.push(pageSize);
      const events = Array.from({ length: Math.min(pageSize, 1000) }, () => ({
        ...{ at, event: "denied", reason: "expired", identity: "bot:\u001bvm1", count: 7n },
        detail: { was: "\u001brunning", epoch: "3" },
      }));
      return { events, nextPageToken: pageToken === "end" ? "" : "more" };
    },
  },
});
const folder = makeFolder();
const fleetgate = (line: string, world: CliWorld = {}): Promise<CliResult> =>
  runCli([...line.split(" "), "--endpoint", fake.endpoint], world);

describe("fleetgate url sign", () => {
  it("shows a grant alone on standard output, and calls it one", async () => {
    const line = "url sign --purpose p --method GET --resource r --realm p:r";
    assert.deepEqual(await fleetgate(line), {
      code: 0,
      stdout: "the-grant\n",
      stderr: "expires 2030-01-02T03:04:05Z\nthe grant is shown this once:\n",
    });
  });
});

describe("fleetgate identify", () => {
  it("takes the token from standard input or a file, also a header file, and shows the caller without secrets", async () => {
    const { code, stdout, stderr } = await fleetgate(
      "identify --audience cache --target task:t1 --strict",
      { stdin: " tok\n" },
    );
    assert.equal(code, 0);
    assert.deepEqual(
      [identified?.token, identified?.audience, identified?.targetSubject, identified?.freshness],
      ["tok", "cache", "task:t1", Freshness.STRICT],
    );
    assert.match(stdout, /^task:t1\nkind: task\n/);
    assert.match(
      stdout,
      /^may read: p:r, trusted, main, published by t0\nmay write: p:r, untrusted$/m,
    );
    assert.ok(!`${stdout}${stderr}`.includes("the-assertion"));
    const file = join(folder, "header");
    writeFileSync(file, "Authorization: Bearer tok2\n");
    await fleetgate(`identify --audience cache --token-file ${file}`);
    assert.equal(identified?.token, "tok2");
  });

  it("writes the assertion where it is told to, and leaves it out of --json then", async () => {
    const file = join(folder, "assertion");
    const { stdout } = await fleetgate(
      `identify --audience cache --assertion-file ${file} --json`,
      { stdin: "t" },
    );
    assert.equal(readFileSync(file, "utf8"), "the-assertion\n");
    assert.ok(!stdout.includes("the-assertion"));
  });

  it("U11: never takes a token from the command line, nor quotes one", async () => {
    identified = undefined;
    const { code, stdout, stderr } = await fleetgate("identify --audience cache hush-hush");
    assert.deepEqual([code, stdout], [2, ""]);
    assert.ok(!stderr.includes("hush"));
    assert.equal(identified, undefined);
    const two = await fleetgate("identify --audience cache", { stdin: "hush hush" });
    assert.equal(two.code, 2);
    assert.ok(!two.stderr.includes("hush"));
    assert.equal((await fleetgate("credential get fg1_hush_token")).code, 2);
    assert.ok(!(await fleetgate("credential get fg1_hush_token")).stderr.includes("hush"));
  });

  it("ends with 1 for a refusal of what was shown, and with 4 for everything else", async () => {
    const cases = [
      [Code.Unauthenticated, "SHOWN_CREDENTIAL_REFUSED", 1],
      [Code.PermissionDenied, "TASK_NOT_ACTIVE", 1],
      [Code.PermissionDenied, "SUBJECT_MISMATCH", 1],
      [Code.PermissionDenied, "CREDENTIAL_LACKS_PERMISSION", 1],
      [Code.Unauthenticated, "CREDENTIAL_REQUIRED", 4],
      [Code.Unavailable, "STORAGE_UNAVAILABLE", 4],
      [Code.PermissionDenied, "PERMISSION_REQUIRED", 4],
    ] as const;
    for (const [code, reason, exit] of cases) {
      verdict = fleetgateError(code, reason, "no");
      for (const line of [
        "identify --audience c",
        "url verify --purpose p --method GET --resource r",
      ]) {
        const result = await fleetgate(line, { stdin: "x" });
        assert.equal(result.code, exit, `${line} ${reason}`);
        assert.equal(result.stdout, exit === 1 ? `refused: no\nreason: ${reason}\n` : "");
        const json = await fleetgate(`${line} --json`, { stdin: "x" });
        assert.equal((JSON.parse(json.stdout) as { code: number }).code, code);
      }
    }
    verdict = undefined;
  });
});

describe("fleetgate url keys", () => {
  it("says what each key may do and who has it", async () => {
    const { stdout } = await fleetgate("url keys");
    const [, row = ""] = stdout.split("\n");
    assert.deepEqual(row.split(/ {2,}/), [
      ...["url", "url-1", "passive until 2030-01-02T03:04:05Z", "2 of 3", "yes"],
      "2030-01-02T03:04:05Z",
    ]);
  });
});

describe("fleetgate credential", () => {
  it("revoke ends one or all of a subject, never both and never nothing", async () => {
    seen.length = 0;
    assert.equal(
      (await fleetgate(`credential revoke ${id} --reason x`)).stdout,
      "revoked 2 credentials\n",
    );
    await fleetgate("credential revoke --identity bot:vm1");
    assert.deepEqual(seen, [
      [id, "", "x"],
      ["", "bot:vm1", ""],
    ]);
    assert.equal((await fleetgate("credential revoke")).code, 2);
    assert.equal((await fleetgate(`credential revoke ${id} --identity bot:vm1`)).code, 2);
  });

  it("audit fetches as many events as were asked for", async () => {
    seen.length = 0;
    const { stdout, stderr } = await fleetgate("credential audit --limit 1500");
    assert.deepEqual(seen, [1000, 500]);
    assert.equal(stdout.trim().split("\n").length, 1501);
    assert.ok(!stdout.includes("\u001b"));
    assert.match(stderr, /there are older events/);
    assert.match(stdout, /TIMES {2}DETAIL\n.* 7 {6}epoch=3 was=\\u001brunning\n/);
    const json = await fleetgate("credential audit --limit 1 --json");
    const { events } = JSON.parse(json.stdout) as { events: { detail: unknown }[] };
    assert.deepEqual(events[0]?.detail, { was: "\u001brunning", epoch: "3" });
  });
});
