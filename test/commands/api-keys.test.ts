import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sql } from "kysely";
import { hashSecret, isLive } from "../../src/commands/api-key.ts";
import { AdministratorExistsError, bootstrapKey } from "../../src/commands/bootstrap-key.ts";
import { createApiKey } from "../../src/commands/create-api-key.ts";
import type { CommandDeps } from "../../src/commands/deps.ts";
import { listApiKeys } from "../../src/commands/list-api-keys.ts";
import { createKeyUseRecorder } from "../../src/commands/record-key-use.ts";
import { revokeApiKey } from "../../src/commands/revoke-api-key.ts";
import { parseBearerToken } from "../../src/domain/bearer-token.ts";
import type { Identity } from "../../src/domain/identity.ts";
import { useDatabase } from "../support/database.ts";
import { hasReason } from "../support/errors.ts";
import { admin, createTestCommands } from "./support.ts";

const day = 24 * 3_600_000;
const wanted = {
  identity: "service:scheduler",
  description: "the scheduler",
  ttlSeconds: undefined,
  noExpiry: false,
  requestId: "",
  reason: "",
};
const bootstrap = { ...wanted, identity: admin, breakGlass: false };
const everything = { pageSize: 0, pageToken: "", identity: "", showEnded: true };
const requestId = "0b0f1a52-7c0e-4a53-9a3f-1f5f3f1c2d4e";

const open = useDatabase();

describe("createApiKey", () => {
  it("keeps only a hash of the secret, and lives for 90 days", async () => {
    const { deps } = await createTestCommands(await open());
    const { apiKey, token } = await createApiKey(deps, admin, wanted);
    const parsed = parseBearerToken(token);
    assert.equal(parsed?.id, apiKey.id);
    assert.equal(hashSecret(parsed?.secret ?? "").toString("hex"), apiKey.secretHash);
    assert.equal(Date.parse(apiKey.expiresAt ?? ""), deps.clock().getTime() + 90 * day);
    assert.deepEqual(deps.replica.current()?.apiKeys.get(apiKey.id)?.identity, wanted.identity);
    assert.equal(JSON.stringify(apiKey).includes(parsed?.secret ?? "-"), false);
  });

  it("is dead at the instant of its expiry", async () => {
    const { deps, pass } = await createTestCommands(await open());
    const { apiKey } = await createApiKey(deps, admin, { ...wanted, ttlSeconds: 60 });
    pass(59_999);
    assert.equal(isLive(apiKey, deps.clock()), true);
    pass(1);
    assert.equal(isLive(apiKey, deps.clock()), false);
  });

  it("never expires when asked so", async () => {
    const { deps } = await createTestCommands(await open());
    const { apiKey } = await createApiKey(deps, admin, { ...wanted, noExpiry: true });
    assert.equal(apiKey.expiresAt, null);
  });

  it("does not make a second key of one request", async () => {
    const { deps } = await createTestCommands(await open());
    const { apiKey } = await createApiKey(deps, admin, { ...wanted, requestId });
    await assert.rejects(
      createApiKey(deps, admin, { ...wanted, requestId }),
      hasReason("SECRET_ALREADY_SHOWN", { request_id: requestId, key_id: apiKey.id }),
    );
    assert.equal((await listApiKeys(deps, admin, everything)).apiKeys.length, 1);
  });

  for (const [field, more] of [
    ["identity", { identity: "nobody" }],
    ["identity", { identity: "anonymous:anonymous" }],
    ["identity", { identity: "task:t1" }],
    ["identity", { identity: "runner:r1" }],
    ["ttl", { ttlSeconds: 59 }],
    ["ttl", { ttlSeconds: 3650 * 86_400 + 1 }],
    ["ttl", { ttlSeconds: Number.NaN }],
    ["ttl", { ttlSeconds: 60, noExpiry: true }],
    ["description", { description: "a\u0000b" }],
    ["request_id", { requestId: "x" }],
  ] as const) {
    it(`refuses ${JSON.stringify(more)}`, async () => {
      const { deps } = await createTestCommands(await open());
      await assert.rejects(
        createApiKey(deps, admin, { ...wanted, ...more }),
        hasReason("INVALID_FIELD", { field }),
      );
    });
  }
});

describe("revokeApiKey", () => {
  it("ends a key, and a second time changes nothing", async () => {
    const { deps, pass } = await createTestCommands(await open());
    const { apiKey } = await createApiKey(deps, admin, wanted);
    const first = await revokeApiKey(deps, admin, { id: apiKey.id, requestId: "", reason: "" });
    const live = deps.replica.current()?.apiKeys.get(apiKey.id);
    assert.equal(live !== undefined && isLive(live, deps.clock()), false);
    pass(1000);
    const second = await revokeApiKey(deps, admin, { id: apiKey.id, requestId: "", reason: "" });
    assert.deepEqual(second, first);
  });

  it("answers a repeated request as it did the first time", async () => {
    const { deps, pass } = await createTestCommands(await open());
    const { apiKey } = await createApiKey(deps, admin, wanted);
    const input = { id: apiKey.id, requestId, reason: "left" };
    const first = await revokeApiKey(deps, admin, input);
    pass(1000);
    assert.deepEqual(await revokeApiKey(deps, admin, input), first);
  });

  it("answers a repeat of a request that found the key revoked before", async () => {
    const { deps } = await createTestCommands(await open());
    const { apiKey } = await createApiKey(deps, admin, wanted);
    await revokeApiKey(deps, admin, { id: apiKey.id, requestId: "", reason: "" });
    const input = { id: apiKey.id, requestId, reason: "" };
    const first = await revokeApiKey(deps, admin, input);
    assert.deepEqual(await revokeApiKey(deps, admin, input), first);
  });

  it("says that there is no such key", async () => {
    const { deps } = await createTestCommands(await open());
    await assert.rejects(
      revokeApiKey(deps, admin, { id: "nothing", requestId: "", reason: "" }),
      hasReason("NOT_FOUND", { kind: "api_key", name: "nothing" }),
    );
  });
});

describe("listApiKeys", () => {
  async function create(deps: CommandDeps, count: number): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) {
      ids.push((await createApiKey(deps, admin, wanted)).apiKey.id);
    }
    return ids.sort();
  }

  it("gives every key once, whatever the size of a page", async () => {
    const { deps } = await createTestCommands(await open());
    const ids = await create(deps, 4);
    for (const pageSize of [1, 2, 3, 4, 5]) {
      const seen: string[] = [];
      let pageToken = "";
      do {
        const page = await listApiKeys(deps, admin, { ...everything, pageSize, pageToken });
        assert.ok(page.apiKeys.length <= pageSize);
        seen.push(...page.apiKeys.map((key) => key.id));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      assert.deepEqual(seen, ids);
    }
  });

  it("refuses a page token of another query, peer or revision, or a damaged one", async () => {
    const { deps } = await createTestCommands(await open());
    await create(deps, 2);
    const first = { ...everything, pageSize: 1 };
    const { nextPageToken: pageToken } = await listApiKeys(deps, admin, first);
    const refused = hasReason("PAGE_TOKEN_INVALID");
    const other = "user:other@example.com" as Identity;
    const damaged = [
      pageToken.slice(1),
      pageToken.slice(0, -1),
      `${pageToken}A`,
      pageToken.replace(/^./, (digit) => (digit === "A" ? "B" : "A")),
      "?",
    ];
    for (const token of damaged) {
      await assert.rejects(listApiKeys(deps, admin, { ...first, pageToken: token }), refused);
    }
    await assert.rejects(listApiKeys(deps, other, { ...first, pageToken }), refused);
    await assert.rejects(
      listApiKeys(deps, admin, { ...first, pageToken, showEnded: false }),
      refused,
    );
    await create(deps, 1);
    await assert.rejects(listApiKeys(deps, admin, { ...first, pageToken }), refused);
  });

  it("leaves ended keys and those of others out when asked", async () => {
    const { deps } = await createTestCommands(await open());
    const [ended = ""] = await create(deps, 2);
    await createApiKey(deps, admin, { ...wanted, identity: "user:Ann@example.com" });
    await revokeApiKey(deps, admin, { id: ended, requestId: "", reason: "" });
    const live = await listApiKeys(deps, admin, { ...everything, showEnded: false });
    assert.equal(live.apiKeys.length, 2);
    assert.equal(
      live.apiKeys.some((key) => key.id === ended),
      false,
    );
    const mine = await listApiKeys(deps, admin, {
      ...everything,
      identity: "user:ann@EXAMPLE.com",
    });
    assert.deepEqual(
      mine.apiKeys.map((key) => key.identity),
      ["user:Ann@example.com"],
    );
  });

  it("shows the last use once it was written", async () => {
    const { deps } = await createTestCommands(await open());
    const [id = ""] = await create(deps, 1);
    const recorder = createKeyUseRecorder(deps.storage, 3_600_000);
    const at = new Date(Date.UTC(2026, 0, 3));
    recorder.record(id, at);
    assert.equal((await listApiKeys(deps, admin, everything)).apiKeys[0]?.lastUsedAt, null);
    await recorder.close();
    const { apiKeys } = await listApiKeys(deps, admin, everything);
    assert.equal(apiKeys[0]?.lastUsedAt, at.toISOString());
  });

  it("keeps a use that could not be written for the next time", async () => {
    const { deps } = await createTestCommands(await open());
    const [id = ""] = await create(deps, 1);
    const recorder = createKeyUseRecorder(deps.storage, 3_600_000);
    await deps.storage.db.schema.alterTable("api_key_use").renameTo("away").execute();
    recorder.record(id, deps.clock());
    await recorder.flush();
    await sql`alter table away rename to api_key_use`.execute(deps.storage.db);
    await recorder.close();
    const { apiKeys } = await listApiKeys(deps, admin, everything);
    assert.equal(apiKeys[0]?.lastUsedAt, deps.clock().toISOString());
  });

  it("refuses a negative page size and a malformed identity", async () => {
    const { deps } = await createTestCommands(await open());
    await assert.rejects(
      listApiKeys(deps, admin, { ...everything, pageSize: -1 }),
      hasReason("INVALID_FIELD", { field: "page_size" }),
    );
    await assert.rejects(
      listApiKeys(deps, admin, { ...everything, identity: "x" }),
      hasReason("INVALID_FIELD", { field: "identity" }),
    );
  });
});

describe("bootstrapKey", () => {
  it("makes the first administrator, and no second one", async () => {
    const { deps } = await createTestCommands(await open());
    const { token } = await bootstrapKey(deps, bootstrap);
    assert.notEqual(parseBearerToken(token), undefined);
    await deps.replica.refresh();
    const state = deps.replica.current();
    assert.equal(state?.snapshot.authDb.isMember(admin, "administrators"), true);
    await assert.rejects(bootstrapKey(deps, bootstrap), AdministratorExistsError);
  });

  it("breaks the glass with a reason only", async () => {
    const { deps } = await createTestCommands(await open());
    await bootstrapKey(deps, bootstrap);
    const other = "user:other@example.com" as Identity;
    const again = { ...bootstrap, identity: other, breakGlass: true };
    await assert.rejects(
      bootstrapKey(deps, again),
      hasReason("INVALID_FIELD", { field: "reason" }),
    );
    await bootstrapKey(deps, { ...again, reason: "the first one left" });
    await deps.replica.refresh();
    assert.equal(deps.replica.current()?.snapshot.authDb.isMember(other, "administrators"), true);
  });

  it("leaves an entry in the change log", async () => {
    const { deps } = await createTestCommands(await open());
    await bootstrapKey(deps, bootstrap);
    const change = await deps.storage.db
      .selectFrom("change")
      .select(["author", "reason"])
      .executeTakeFirstOrThrow();
    assert.deepEqual(change, { author: "bootstrap", reason: "the first administrator" });
  });
});
