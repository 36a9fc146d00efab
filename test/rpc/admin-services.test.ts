import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create, type DescMethodUnary } from "@bufbuild/protobuf";
import { adminOperations, type AdminOperations } from "../../src/rpc/admin/operations.ts";
import type { ConfigProblem } from "../../src/config/problem.ts";
import { DomainError } from "../../src/domain/errors.ts";
import { ApiKeyService } from "../../src/gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { ConfigService } from "../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import { ConfigSchema } from "../../src/gen/fleetgate/config/v1/config_pb.ts";
import { ask, bearer, openBench, type Bench } from "./support/bench.ts";
import { createState, keys, usual } from "./support/world.ts";

const root = bearer(keys.root.token);
const token = "AQIDBAUGBwgJCgsMDQ4PEAAAAAAAAAAJCQkJCQkJCQk";

const problem: ConfigProblem = {
  severity: "warning",
  file: "a.yaml",
  line: 3,
  column: 5,
  path: "pools[0]",
  message: "odd",
  hint: "think",
};
const key = { ...keys.ann.body, lastUsedAt: "2026-05-01T00:00:00.000Z" };

const nothingMore = { effects: undefined, changes: [] };

// Each operation remembers what it was asked.
const asked: unknown[] = [];
const operations: AdminOperations = {
  ...adminOperations,
  applyConfig: (_, author, input) => {
    asked.push(author, input);
    const summary = [{ kind: "pool" as const, created: 1, updated: 2, deleted: 3 }];
    return Promise.resolve({
      revisionToken: token,
      etag: "e2",
      summary,
      warnings: [problem],
      ...nothingMore,
    });
  },
  validateConfig: (_, _author, input) => {
    asked.push(input);
    const error = { ...problem, severity: "error" } as const;
    return Promise.resolve({ problems: [error, problem], summary: [], revisionToken: token });
  },
  getConfig: (_, input) => {
    asked.push(input);
    return Promise.resolve({ configuration: usual, etag: "e1", revisionToken: token });
  },
  exportConfig: (_, input) => {
    asked.push(input);
    return Promise.resolve({ text: "pools: []\n", etag: "e1", revisionToken: token });
  },
  createApiKey: (_, author, input) => {
    asked.push(author, input);
    return Promise.resolve({
      apiKey: { ...key, lastUsedAt: null },
      token: "t",
      revisionToken: token,
    });
  },
  listApiKeys: (_, peer, input) => {
    asked.push(peer, input);
    return Promise.resolve({ apiKeys: [key], nextPageToken: "next", revisionToken: token });
  },
  revokeApiKey: (_, author, input) => {
    asked.push(author, input);
    if (input.id === "") throw new DomainError("NOT_FOUND", "none", { kind: "api_key", name: "" });
    const apiKey = { ...key, revokedAt: "2026-06-01T00:00:00.000Z" };
    return Promise.resolve({ apiKey, revisionToken: token });
  },
};

describe("the admin services", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench({ operations });
  });
  after(() => bench.close());

  const call = async (
    method: DescMethodUnary,
    request: Record<string, unknown>,
  ): Promise<unknown> => {
    asked.length = 0;
    let first: unknown;
    for (const { name, transport } of bench.wires) {
      asked.length = 0;
      const reply = await ask(transport, method, request, root);
      assert.equal(reply.code, "ok", `${name}: ${reply.message}`);
      assert.equal(reply.metadataOfCall.get("fleetgate-revision"), token, name);
      first ??= reply.response;
      assert.deepEqual(reply.response, first, name);
    }
    return first;
  };
  const author = "user:root@example.com";
  const shownProblem = {
    severity: "SEVERITY_WARNING",
    file: "a.yaml",
    line: 3,
    column: 5,
    path: "pools[0]",
    message: "odd",
    hint: "think",
  };
  const shownKey = {
    id: key.id,
    identity: "user:ann@example.com",
    createdAt: "2026-01-01T00:00:00Z",
    createdBy: author,
  };

  it("validate files", async () => {
    const files = [{ path: "a.yaml", content: { case: "text", value: "x" } }];
    const response = await call(ConfigService.method.validate, { source: "s", files });
    assert.deepEqual(asked, [{ source: "s", files: [{ path: "a.yaml", text: "x" }] }]);
    assert.deepEqual(response, {
      problems: [{ ...shownProblem, severity: "SEVERITY_ERROR" }, shownProblem],
      summary: {},
      revisionToken: token,
    });
  });

  it("apply files in the name of the peer", async () => {
    const config = { pools: [{ name: "p", realm: "a:b" }] };
    const files = [{ path: "a", content: { case: "config", value: config } }];
    const rest = {
      etag: "e",
      validateOnly: true,
      requestId: "r",
      reason: "why",
      summaryOnly: true,
    };
    const guards = { maxGained: 0, allowLockOut: true };
    const request = { source: "s", files, ...rest, guards };
    const response = await call(ConfigService.method.apply, request);
    const read = [{ path: "a", config: create(ConfigSchema, config) }];
    const readGuards = { ...guards, maxLost: undefined };
    assert.deepEqual(asked, [author, { source: "s", files: read, ...rest, guards: readGuards }]);
    assert.deepEqual(response, {
      revisionToken: token,
      etag: "e2",
      summary: { kinds: [{ kind: "pool", created: 1, updated: 2, deleted: 3 }] },
      warnings: [shownProblem],
    });
  });

  it("refuse files that hold nothing, too many files, and long paths", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const text = { case: "text" as const, value: "" };
    const many = Array.from({ length: 1001 }, () => ({ path: "a", content: text }));
    for (const [field, files] of [
      ["files[0]", [{ path: "a" }]],
      ["files", many],
      ["files[0].path", [{ path: "a".repeat(1025), content: text }]],
    ] as const) {
      const reply = await ask(transport, ConfigService.method.apply, { files: [...files] }, root);
      assert.equal(reply.metadata["field"], field);
    }
  });

  it("return what a source manages, as a message and as text", async () => {
    const got = (await call(ConfigService.method.get, { source: "s", atRevision: 4n })) as {
      config: { pools: unknown };
    };
    assert.deepEqual(asked, [{ source: "s", atRevision: 4n }]);
    assert.deepEqual(got.config.pools, [
      { name: "ci", realm: "acme:pools/ci" },
      { name: "secret", realm: "acme:pools/secret" },
    ]);
    const exported = await call(ConfigService.method.export, { allSources: true });
    assert.deepEqual(asked, [{ source: "", allSources: true, atRevision: 0n }]);
    assert.deepEqual(exported, { text: "pools: []\n", etag: "e1", revisionToken: token });
  });

  it("create keys", async () => {
    const request = { identity: "user:a@b.c", description: "d", requestId: "r", reason: "why" };
    const ttl = { seconds: 90n, nanos: 500_000_000 };
    const response = await call(ApiKeyService.method.create, { ...request, ttl });
    assert.deepEqual(asked, [author, { ...request, ttlSeconds: 90.5, noExpiry: false }]);
    assert.deepEqual(response, { apiKey: shownKey, token: "t", revisionToken: token });
    await call(ApiKeyService.method.create, { ...request, noExpiry: true });
    assert.deepEqual(asked, [author, { ...request, ttlSeconds: undefined, noExpiry: true }]);
  });

  it("list and revoke keys", async () => {
    const query = { pageSize: 5, pageToken: "p", identity: "user:a@b.c", showEnded: true };
    const used = { ...shownKey, lastUsedAt: "2026-05-01T00:00:00Z" };
    const listed = await call(ApiKeyService.method.list, query);
    assert.deepEqual(asked, [author, query]);
    assert.deepEqual(listed, { apiKeys: [used], nextPageToken: "next", revisionToken: token });
    const request = { id: key.id, requestId: "r", reason: "why" };
    const revoked = await call(ApiKeyService.method.revoke, request);
    assert.deepEqual(asked, [author, request]);
    const ended = { ...used, revokedAt: "2026-06-01T00:00:00Z" };
    assert.deepEqual(revoked, { apiKey: ended, revisionToken: token });
  });

  it("hand on the error of a command", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const reply = await ask(transport, ApiKeyService.method.revoke, { id: "" }, root);
    assert.equal(reply.code, "not_found");
    assert.deepEqual(reply.metadata, { kind: "api_key", name: "" });
    assert.equal(reply.metadataOfCall.get("fleetgate-revision"), createState().revisionToken);
  });

  it("look again whether the peer may, when the state has changed while the body came in", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const before = createState();
    const after = createState(usual, 8n, []);
    let looks = 0;
    bench.replica.current = () => ((looks += 1) <= 2 ? before : after);
    asked.length = 0;
    const reply = await ask(transport, ApiKeyService.method.revoke, { id: key.id }, root);
    assert.equal(reply.code, "unauthenticated");
    assert.deepEqual(asked, []);
  });
});
