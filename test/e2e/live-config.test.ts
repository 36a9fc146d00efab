import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { applyConfig } from "../../src/commands/apply-config.ts";
import type { Identity } from "../../src/domain/identity.ts";
import { createPostgresDatabase } from "../support/database.ts";
import { atEnd } from "./support/cleanup.ts";
import { openClients, textFile, type Clients } from "./support/clients.ts";
import { failure } from "./support/failures.ts";
import { admin, exampleFiles, openApp, serveDatabase, startServer } from "./support/server.ts";
import type { TestServer } from "./support/server.ts";

/** A pool in which somebody may submit tasks, and a peer that may ask about everybody. */
function fleet(user: string): string {
  return `
settings: { delegations: [{ group: administrators }] }
projects:
  - name: app
    realms:
      - name: tests
        bindings:
          - { role: role/swarming.poolUser, principals: ["${user}"] }
pools: [{ name: linux, realm: app:tests }]
`;
}

const mayCreateTask = (caller: string, pool = "linux") => ({
  caller,
  permission: "swarming.pools.createTask",
  pool,
});

const denied = "PermissionDenied PERMISSION_DENIED";

describe("a configuration over the wire", () => {
  let server: TestServer;
  let peer: Clients;
  const apply = (text: string, more: object = {}) =>
    peer.config.apply({ files: [textFile(text)], ...more });

  before(async () => {
    server = await startServer();
    peer = server.admin;
    await apply(fleet("user:ann@example.com"));
  });

  it("is in force for the next check, and the one before is not", async () => {
    for (let round = 0; round < 10; round += 1) {
      const user = `user:u${round}@example.com`;
      await apply(fleet(user));
      await peer.acl.checkPoolPerm(mayCreateTask(user));
      const before = `user:u${round - 1}@example.com`;
      assert.equal((await failure(peer.acl.checkPoolPerm(mayCreateTask(before)))).what, denied);
    }
  });

  it("comes back from export as it went in, to the byte", async () => {
    const files = exampleFiles().map(({ path, text }) => textFile(text, path));
    const source = "examples";
    await peer.config.apply({ source: "main", files: [] });
    await peer.config.apply({ source, files });
    const exported = await peer.config.export({ source });
    const again = await peer.config.apply({ source, files: [textFile(exported.text)] });
    assert.deepEqual(again.summary?.kinds, []);
    assert.equal(again.etag, exported.etag);
    assert.equal(again.revisionToken, exported.revisionToken);
    assert.equal((await peer.config.export({ source })).text, exported.text);
    const { config } = await peer.config.get({ source });
    assert.ok(config);
    const asMessage = { path: "", content: { case: "config", value: config } } as const;
    assert.deepEqual((await peer.config.apply({ source, files: [asMessage] })).summary?.kinds, []);
    await peer.config.apply({ source, files: [] });
    await apply(fleet("user:ann@example.com"));
  });

  it("has sources that leave each other alone and may not claim one entity twice", async () => {
    const team = textFile('pools: [{ name: gpu, realm: "app:tests" }]');
    await peer.config.apply({ source: "team", files: [team] });
    await peer.acl.checkPoolPerm(mayCreateTask("user:ann@example.com", "gpu"));
    await apply(fleet("user:bob@example.com"));
    await peer.acl.checkPoolPerm(mayCreateTask("user:bob@example.com", "gpu"));
    const claim = textFile('pools: [{ name: linux, realm: "app:tests" }]');
    const refused = await failure(peer.config.apply({ source: "team", files: [team, claim] }));
    assert.equal(refused.what, "InvalidArgument CONFIG_INVALID");
    assert.match(refused.message, /linux/);
    const { text } = await peer.config.export({ allSources: true });
    assert.match(text, /name: gpu[^]*name: linux/);
    await peer.config.apply({ source: "team", files: [] });
    const gone = await failure(
      peer.acl.checkPoolPerm(mayCreateTask("user:bob@example.com", "gpu")),
    );
    assert.equal(gone.what, denied);
    await peer.acl.checkPoolPerm(mayCreateTask("user:bob@example.com"));
  });

  it("is refused when the source has changed since its etag", async () => {
    const { etag } = await apply(fleet("user:carl@example.com"));
    await apply(fleet("user:dora@example.com"), { etag });
    const late = await failure(apply(fleet("user:eve@example.com"), { etag }));
    assert.equal(late.what, "Aborted ETAG_MISMATCH");
    await peer.acl.checkPoolPerm(mayCreateTask("user:dora@example.com"));
  });

  it("lets one of many writers with the same etag win", async () => {
    const { etag } = await apply(fleet("user:race@example.com"));
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        apply(fleet(`user:race${index}@example.com`), { etag }).then(
          () => "won",
          async (error: unknown) => (await failure(Promise.reject(error as Error))).what,
        ),
      ),
    );
    assert.deepEqual(
      outcomes.toSorted(),
      [...Array.from({ length: 7 }, () => "Aborted ETAG_MISMATCH"), "won"].toSorted(),
    );
  });

  it("leaves everything as it was when it is invalid", async () => {
    await apply(fleet("user:ann@example.com"));
    const before = await peer.config.export({});
    const bad = `${fleet("user:fay@example.com")}  - nonsense: true\ngroups: [{ name: A }]\n`;
    const refused = await failure(apply(bad));
    assert.equal(refused.what, "InvalidArgument CONFIG_INVALID");
    const { problems } = await peer.config.validate({ files: [textFile(bad)] });
    assert.ok(problems.length > 0 && problems.every(({ file, line }) => file !== "" && line > 0));
    const twoErrors = `${fleet("fay")}groups: [{ name: A }]\n`;
    assert.equal((await failure(apply(twoErrors))).metadata["problems"], "2");
    assert.deepEqual(await peer.config.export({}), before);
    await peer.acl.checkPoolPerm(mayCreateTask("user:ann@example.com"));
  });

  it("changes nothing when it is only to be validated", async () => {
    const before = await peer.config.export({});
    const { summary } = await apply(fleet("user:gus@example.com"), { validateOnly: true });
    assert.ok((summary?.kinds.length ?? 0) > 0);
    assert.deepEqual(await peer.config.export({}), before);
  });

  it("is applied once for one request id", async () => {
    const requestId = randomUUID();
    const first = await apply(fleet("user:hal@example.com"), { requestId });
    await apply(fleet("user:ida@example.com"));
    const repeat = await apply(fleet("user:hal@example.com"), { requestId });
    assert.deepEqual(repeat, first);
    await peer.acl.checkPoolPerm(mayCreateTask("user:ida@example.com"));
    const reused = await failure(apply(fleet("user:jo@example.com"), { requestId }));
    assert.equal(reused.what, "AlreadyExists REQUEST_ID_REUSED");
  });

  it("is for administrators only, and tells others nothing", async () => {
    const { token } = await peer.keys.create({ identity: "service:low" });
    const low = server.as(token);
    const calls = [
      low.config.apply({ files: [textFile("}{")] }),
      low.config.validate({ files: [textFile("}{")] }),
      low.config.get({ source: "no-such" }),
      low.config.export({ allSources: true }),
      low.keys.create({ identity: "nonsense" }),
      low.keys.list({ pageToken: "nonsense" }),
      low.keys.revoke({ id: "nonsense" }),
    ];
    for (const call of calls) {
      assert.equal((await failure(call)).what, "PermissionDenied GROUP_REQUIRED");
    }
    const about = await failure(low.acl.checkPoolPerm(mayCreateTask("user:ann@example.com")));
    assert.equal(about.what, "FailedPrecondition ON_BEHALF_OF_FORBIDDEN");
  });
});

describe("the last administrator", () => {
  it("is kept by an apply, and the root group that is edited by hand is left alone", async () => {
    const database = await createPostgresDatabase();
    atEnd(database.remove);
    const first = await openApp(database.choice.url);
    const root = textFile(`groups: [{ name: administrators, members: ["${admin}"] }]`);
    // The only way to administrators in a file: there are none yet.
    await applyConfig(first.commands, admin as Identity, {
      ...{ source: "root", etag: "", validateOnly: false, requestId: "", reason: "" },
      files: [{ path: "root.yaml", text: root.content?.value as string }],
    });
    await first.stop();
    const peer = (await serveDatabase(database.choice.url)).admin;
    const files = [textFile("groups: [{ name: administrators }]")];
    for (const attempt of [{ files: [] }, { files }, { files: [], validateOnly: true }]) {
      const refused = await failure(peer.config.apply({ source: "root", ...attempt }));
      assert.equal(refused.what, "FailedPrecondition LOCK_OUT");
    }
    await peer.config.export({ source: "root" });
  });

  it("in the group that bootstrap makes is nobody's to manage", async () => {
    const peer = (await startServer()).admin;
    const files = [textFile("groups: [{ name: administrators }]")];
    const refused = await failure(peer.config.apply({ files }));
    assert.equal(refused.what, "InvalidArgument CONFIG_INVALID");
    await peer.keys.list({});
  });
});

describe("an API key", () => {
  it("is good from its creation until it is revoked", async () => {
    const server = await startServer();
    const { token, apiKey } = await server.admin.keys.create({ identity: "service:ci" });
    const own = server.as(token);
    const question = { permission: "swarming.pools.listBots" };
    assert.equal((await failure(own.acl.checkServerPerm(question))).what, denied);
    await server.admin.keys.revoke({ id: apiKey?.id ?? "" });
    const refused = await failure(own.acl.checkServerPerm(question));
    assert.equal(refused.what, "Unauthenticated CREDENTIAL_REQUIRED");
    const { apiKeys } = await server.admin.keys.list({ identity: "service:ci" });
    assert.deepEqual(apiKeys, []);
    const all = await server.admin.keys.list({ identity: "service:ci", showEnded: true });
    assert.ok(all.apiKeys[0]?.revokedAt);
  });

  it("creates no second key and shows no secret twice for one request id", async () => {
    const { admin: peer } = await startServer();
    const request = { identity: "service:ci", requestId: randomUUID() };
    const { apiKey } = await peer.keys.create(request);
    const repeat = await failure(peer.keys.create(request));
    assert.equal(repeat.what, "FailedPrecondition SECRET_ALREADY_SHOWN");
    assert.equal(repeat.metadata["key_id"], apiKey?.id);
    assert.equal((await peer.keys.list({ identity: "service:ci" })).apiKeys.length, 1);
  });

  it("is refused like an unknown one once it has expired", async () => {
    const server = await startServer();
    // A clock of its own for the commands, not for the server: the key was made two hours ago.
    const { createApiKey } = await import("../../src/commands/create-api-key.ts");
    const ago = new Date(Date.now() - 7_200_000);
    const { token } = await createApiKey(
      { ...server.app.commands, clock: () => ago },
      admin as Identity,
      {
        ...{ identity: admin, description: "", noExpiry: false, requestId: "", reason: "" },
        ttlSeconds: 3600,
      },
    );
    const unknown = `${token.slice(0, 8)}${"A".repeat(15)}${token.slice(23)}`;
    const question = { permission: "swarming.pools.listBots" };
    const tellOf = (bearer: string) => failure(server.as(bearer).acl.checkServerPerm(question));
    const expired = await tellOf(token);
    assert.equal(expired.what, "Unauthenticated CREDENTIAL_REQUIRED");
    assert.deepEqual(await tellOf(unknown), expired);
    assert.deepEqual(await tellOf("nonsense"), expired);
  });

  it("shows its last use after the server has written it", async () => {
    const database = await createPostgresDatabase();
    atEnd(database.remove);
    const first = await serveDatabase(database.choice.url);
    const started = Date.now();
    const { token, apiKey } = await first.admin.keys.create({ identity: "service:ci" });
    const unused = await first.admin.keys.list({ identity: "service:ci" });
    assert.equal(unused.apiKeys[0]?.lastUsedAt, undefined);
    const question = { permission: "swarming.pools.listBots" };
    await failure(first.as(token).acl.checkServerPerm(question));
    const { revisionToken } = unused;
    await first.app.stop();
    const second = await openApp(database.choice.url);
    const clients = openClients(second.url, first.token);
    atEnd(clients.close);
    const { apiKeys, revisionToken: after } = await clients.keys.list({ identity: "service:ci" });
    const [listed] = apiKeys;
    assert.equal(listed?.id, apiKey?.id);
    const used = listed?.lastUsedAt && timestampDate(listed.lastUsedAt).getTime();
    assert.ok(used !== undefined && used >= started - 1 && used <= Date.now());
    assert.equal(after, revisionToken, "the use of a key is no change");
  });
});
