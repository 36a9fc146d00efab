import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import type {
  ApiKeyServiceCreateRequest,
  ApiKeyServiceListRequest,
} from "../../src/gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { fleetgateError, startFake } from "./support/fake-fleetgate.ts";
import { runCli, type CliResult } from "./support/run-cli.ts";
import { makeFolder } from "./support/temp-folder.ts";

const token = `fg1_ak_AAAAAAAAAAAAAAAA_${"B".repeat(43)}_CCCCCC`;
const apiKey = {
  id: "-AAAAAAAAAAAAAA-",
  identity: "service:scheduler",
  description: "the scheduler",
  createdAt: timestampFromDate(new Date("2030-01-02T03:04:05Z")),
  expiresAt: timestampFromDate(new Date("2030-04-02T03:04:05.678Z")),
};
const jsonKey = {
  id: apiKey.id,
  identity: apiKey.identity,
  description: apiKey.description,
  createdAt: "2030-01-02T03:04:05Z",
  expiresAt: "2030-04-02T03:04:05.678Z",
};

let created: ApiKeyServiceCreateRequest | undefined;
let createError: Error | undefined;
const listed: ApiKeyServiceListRequest[] = [];
let stalePages = 0;
let revoked: unknown;

const fake = await startFake({
  apiKey: {
    create: (request) => {
      created = request;
      if (createError !== undefined) throw createError;
      return { apiKey, token, revisionToken: "AQ" };
    },
    list: (request) => {
      listed.push(request);
      if (request.pageToken === "") return { apiKeys: [apiKey], nextPageToken: "next" };
      if (stalePages > 0) {
        stalePages -= 1;
        throw fleetgateError(Code.InvalidArgument, "PAGE_TOKEN_INVALID", "stale");
      }
      const { id, identity } = { id: "BBBBBBBBBBBBBBBB", identity: "user:ann@example.com" };
      return { apiKeys: [{ id, identity }], revisionToken: "AQ" };
    },
    revoke: ({ id, reason }) => {
      revoked = { id, reason };
      return { apiKey, revisionToken: "AQ" };
    },
  },
});
const folder = makeFolder();
const key = (...args: readonly string[]): Promise<CliResult> =>
  runCli(["key", ...args, "--endpoint", fake.endpoint]);

describe("fleetgate key create", () => {
  it("prints the token on standard output and nothing else there", async () => {
    assert.deepEqual(await key("create", "--identity", "service:scheduler"), {
      code: 0,
      stdout: `${token}\n`,
      stderr: [
        "key -AAAAAAAAAAAAAA- of service:scheduler, expires 2030-04-02T03:04:05Z",
        "revision token: AQ",
        "the token is shown this once:",
        "",
      ].join("\n"),
    });
    assert.equal(created?.ttl, undefined);
    assert.equal(created?.noExpiry, false);
  });

  it("sends the lifetime, the description and the reason", async () => {
    const args = ["create", "--identity", "service:scheduler", "--ttl", "30d"];
    await key(...args, "--description", "d", "--reason", "r");
    assert.equal(created?.ttl?.seconds, 2_592_000n);
    assert.equal(created.description, "d");
    assert.equal(created.reason, "r");
    await key("create", "--identity", "service:scheduler", "--no-expiry");
    assert.equal(created.ttl, undefined);
    assert.equal(created.noExpiry, true);
  });

  it("writes a header file of mode 0600 and prints no secret", async () => {
    for (const json of [[], ["--json"]]) {
      const out = join(folder, `new${json.length}.header`);
      const result = await key("create", "--identity", "service:scheduler", "--out", out, ...json);
      assert.equal(result.code, 0);
      assert.equal(readFileSync(out, "utf8"), `Authorization: Bearer ${token}\n`);
      assert.equal(statSync(out).mode & 0o777, 0o600);
      assert.ok(!`${result.stdout}${result.stderr}`.includes(token));
      if (json.length > 0) {
        assert.deepEqual(JSON.parse(result.stdout), { apiKey: jsonKey, revisionToken: "AQ" });
      }
    }
  });

  it("makes no key when the file is there already", async () => {
    const out = join(folder, "old.header");
    writeFileSync(out, "mine");
    created = undefined;
    const result = await key("create", "--identity", "service:scheduler", "--out", out);
    assert.equal(result.code, 2);
    assert.match(result.stderr, /it exists already/);
    assert.equal(created, undefined);
    assert.equal(readFileSync(out, "utf8"), "mine");
  });

  it("leaves no file behind when there is no key", async () => {
    const out = join(folder, "none.header");
    createError = fleetgateError(Code.PermissionDenied, "GROUP_REQUIRED", "not you");
    const result = await key("create", "--identity", "service:scheduler", "--out", out);
    createError = undefined;
    assert.equal(result.code, 4);
    assert.equal(
      result.stderr,
      "error: not you\nreason: GROUP_REQUIRED\nhint: use the key of a member of that group\n",
    );
    assert.equal(existsSync(out), false);
  });

  const misuses: readonly (readonly [string, readonly string[]])[] = [
    ["no identity", []],
    ["an empty identity", ["--identity", ""]],
    ["both lifetimes", ["--identity", "bot:b", "--ttl", "1d", "--no-expiry"]],
    ["a lifetime without a unit", ["--identity", "bot:b", "--ttl", "90"]],
    ["break-glass over the wire", ["--identity", "bot:b", "--break-glass"]],
    ["an embedded database over the wire", ["--identity", "bot:b", "--embedded", "d"]],
    ["an options file over the wire", ["--identity", "bot:b", "--options", "f"]],
    ["break-glass without a reason", ["--identity", "bot:b", "--bootstrap", "--break-glass"]],
    ["bootstrap without a database", ["--identity", "bot:b", "--bootstrap"]],
  ];
  for (const [what, args] of misuses) {
    it(`ends with 2 for ${what}`, async () => {
      created = undefined;
      const result = await key("create", ...args);
      assert.equal(result.code, 2);
      assert.match(result.stderr, /^error: /);
      assert.equal(created, undefined);
    });
  }
});

describe("fleetgate key list", () => {
  it("reads all pages and shows them as a table", async () => {
    listed.length = 0;
    const { code, stdout } = await key("list", "--identity", "user:ann@example.com", "--all");
    assert.equal(code, 0);
    const lines = stdout.split("\n");
    assert.match(lines[0] ?? "", /^ID +IDENTITY +STATE +CREATED +LAST USED +DESCRIPTION$/);
    assert.match(lines[1] ?? "", /^-AAAAAAAAAAAAAA- .* expires 2030-04-02T03:04:05Z .* never /);
    assert.match(lines[2] ?? "", /^BBBBBBBBBBBBBBBB +user:ann@example\.com +never expires/);
    assert.deepEqual(
      listed.map(({ identity, showEnded, pageToken }) => [identity, showEnded, pageToken]),
      [
        ["user:ann@example.com", true, ""],
        ["user:ann@example.com", true, "next"],
      ],
    );
  });

  it("begins anew when the list changes while it is read, and gives up in the end", async () => {
    stalePages = 2;
    const all = await key("list", "--json");
    assert.deepEqual(JSON.parse(all.stdout), {
      apiKeys: [jsonKey, { id: "BBBBBBBBBBBBBBBB", identity: "user:ann@example.com" }],
      revisionToken: "AQ",
    });
    stalePages = 3;
    assert.equal((await key("list")).code, 4);
  });
});

describe("fleetgate key revoke", () => {
  it("takes an id that begins with a dash", async () => {
    const result = await key("revoke", apiKey.id, "--reason", "leaked");
    assert.deepEqual(revoked, { id: apiKey.id, reason: "leaked" });
    assert.equal(
      result.stdout,
      "revoked -AAAAAAAAAAAAAA- of service:scheduler\nrevision token: AQ\n",
    );
    assert.equal(result.code, 0);
  });

  it("refuses what is no id and does not repeat it: it may be a token", async () => {
    const result = await key("revoke", token);
    assert.equal(result.code, 2);
    assert.ok(!result.stderr.includes(token));
    assert.equal((await key("revoke", apiKey.id, "--resaon", "x")).code, 2);
  });
});
