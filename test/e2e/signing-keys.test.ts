import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { before, describe, it } from "node:test";
import { inspect } from "node:util";
import { createClient, type Client } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { CallerService } from "../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import {
  KeyPurpose,
  KeyService,
  KeyState,
} from "../../src/gen/fleetgate/credential/v1/key_service_pb.ts";
import { TaskState, Trust } from "../../src/gen/fleetgate/credential/v1/subject_pb.ts";
import { TaskService } from "../../src/gen/fleetgate/credential/v1/task_service_pb.ts";
import { UrlService } from "../../src/gen/fleetgate/credential/v1/url_service_pb.ts";
import { readServerOptions } from "../../src/server/options.ts";
import { createPostgresDatabase } from "../support/database.ts";
import { startFaultProxy, type FaultProxy } from "../support/fault-proxy.ts";
import { atEnd, makeFolder } from "./support/cleanup.ts";
import { textFile } from "./support/clients.ts";
import { eventually } from "./support/eventually.ts";
import { failure, told } from "./support/failures.ts";
import { start } from "./support/processes.ts";
import { openApp, serveDatabase, type TestServer } from "./support/server.ts";
import { cliFile } from "../support/cli-file.ts";

const purposes = ["url", "assertion", "lookup"] as const;

/** The same keys everywhere, by file. */
const texts = new Map<string, string>();

function putKeys(folder: string, id: string, only: readonly string[] = purposes): void {
  mkdirSync(folder, { recursive: true });
  for (const purpose of only) {
    const name = `${purpose}-${id}.key`;
    const text = texts.get(name) ?? randomBytes(32).toString("base64");
    texts.set(name, text);
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  }
}

interface Peer {
  readonly urls: Client<typeof UrlService>;
  readonly keys: Client<typeof KeyService>;
  readonly tasks: Client<typeof TaskService>;
  readonly callers: Client<typeof CallerService>;
}

function peerOf(url: string, token: string): Peer {
  const sessionManager = new Http2SessionManager(url);
  atEnd(() => sessionManager.abort());
  const transport = createGrpcTransport({
    baseUrl: url,
    sessionManager,
    defaultTimeoutMs: 30_000,
    interceptors: [
      (next) => (request) => {
        request.header.set("authorization", `Bearer ${token}`);
        return next(request);
      },
    ],
  });
  return {
    urls: createClient(UrlService, transport),
    keys: createClient(KeyService, transport),
    tasks: createClient(TaskService, transport),
    callers: createClient(CallerService, transport),
  };
}

const realm = "app:tests";
const use = { purpose: "cache.download", method: "GET", resource: "cache/1" };
const keyIdOf = (grant: string): string => grant.split(".")[1] ?? "";

describe("two replicas with keys in files", () => {
  const folders = [join(makeFolder(), "a"), join(makeFolder(), "b")] as const;
  let proxy: FaultProxy;
  let server: TestServer;
  let here: Peer;
  let there: Peer;

  before(async () => {
    for (const folder of folders) putKeys(folder, "k1");
    const database = await createPostgresDatabase();
    atEnd(database.remove);
    const { hostname: host, port } = new URL(database.choice.url);
    proxy = await startFaultProxy({ host, port: Number(port) });
    atEnd(() => proxy.close());
    server = await serveDatabase(proxy.through(database.choice.url), {
      signing_keys_dir: folders[0],
    });
    const other = await openApp(database.choice.url, { signing_keys_dir: folders[1] });
    const config = "projects: [{ name: app, realms: [{ name: tests }] }]";
    await server.admin.config.apply({ files: [textFile(config)] });
    await other.replica.refresh();
    here = peerOf(server.url, server.token);
    there = peerOf(other.url, server.token);
  });

  it("A32, U52: rotate a key while both sign and verify without a pause, and refuse nothing until it is retired", async () => {
    const peers = [here, there] as const;
    const grants: string[] = [];
    const stop = new AbortController();
    const signing = peers.map(async (peer, index) => {
      while (!stop.signal.aborted) {
        const { grant } = await peer.urls.signUrl({ ...use, realm });
        grants.push(grant);
        const verifier = peers[(index + grants.length) % 2] ?? peer;
        // The other one, or the same, now; and one from before by the other.
        await verifier.urls.verifyUrl({ ...use, grant });
        const old = grants[Math.floor(Math.random() * grants.length)] ?? grant;
        await (verifier === here ? there : here).urls.verifyUrl({ ...use, grant: old });
        await setTimeout(5);
      }
    });
    const failed = Promise.all(signing);
    failed.catch(() => undefined);

    const purpose = KeyPurpose.URL;
    putKeys(folders[0], "k2", ["url"]);
    const early = await failure(
      eventually("the first has it", async () => {
        const { keys } = await here.keys.listKeys({});
        const key = keys.find(({ keyId, heldBy }) => keyId === "k2" && heldBy === 1);
        return key && here.keys.activateKey({ purpose, keyId: "k2" });
      }),
    );
    assert.equal(early.what, "FailedPrecondition KEY_NOT_READY");
    assert.deepEqual([early.metadata["purpose"], early.metadata["key_id"]], ["url", "k2"]);

    putKeys(folders[1], "k2", ["url"]);
    await eventually("both have it", async () => {
      const { keys } = await here.keys.listKeys({});
      return keys.some(({ keyId, heldBy }) => keyId === "k2" && heldBy === 2);
    });
    const { key } = await here.keys.activateKey({ purpose, keyId: "k2" });
    assert.equal(key?.state, KeyState.ACTIVE);
    const first = await here.urls.signUrl({ ...use, realm });
    assert.equal(keyIdOf(first.grant), "k2");
    await eventually("the other signs with it", async () => {
      const { grant } = await there.urls.signUrl({ ...use, realm });
      return keyIdOf(grant) === "k2";
    });
    stop.abort();
    await failed;
    assert.ok(grants.length > 20, `${grants.length}`);
    assert.deepEqual([...new Set(grants.map(keyIdOf))].sort(), ["k1", "k2"]);

    const [old = ""] = grants;
    assert.equal(keyIdOf(old), "k1");
    await there.keys.retireKey({ purpose, keyId: "k1" });
    const gone = await failure(there.urls.verifyUrl({ ...use, grant: old }));
    assert.equal(gone.what, "Unauthenticated SHOWN_CREDENTIAL_REFUSED");
    await eventually("the other refuses it, too", () =>
      here.urls.verifyUrl({ ...use, grant: old }).then(
        () => false,
        (error: unknown) => told(error).what === gone.what,
      ),
    );
    await here.urls.verifyUrl({ ...use, grant: first.grant });
  });

  it("U54, U20: a URL dies with its task on every replica, and lives on without the database", async () => {
    const task = async (taskId: string): Promise<string> => {
      const { token } = await there.tasks.registerTask({
        ...{ taskId, realm, holdId: randomUUID(), trust: Trust.TRUSTED },
        timeLimit: { seconds: 3_600n, nanos: 0 },
      });
      const { assertion } = await here.callers.identifyCaller({ token, audience: "cache" });
      assert.notEqual(assertion, "");
      const { grant } = await here.urls.signUrl({ ...use, callerAssertion: assertion });
      return grant;
    };
    const [ended, lives] = [await task("t-1"), await task("t-2")];
    const verified = await there.urls.verifyUrl({ ...use, grant: ended });
    assert.equal(verified.identity, "task:t-1");
    await there.tasks.endTask({ taskId: "t-1", state: TaskState.SUCCEEDED });
    const gone = await failure(there.urls.verifyUrl({ ...use, grant: ended }));
    assert.equal(gone.what, "Unauthenticated SHOWN_CREDENTIAL_REFUSED");
    await eventually("it is dead on the other", () =>
      here.urls.verifyUrl({ ...use, grant: ended }).then(
        () => false,
        (error: unknown) => told(error).what === gone.what,
      ),
    );

    proxy.refuse();
    proxy.cut();
    const down = await failure(here.keys.listKeys({}));
    assert.equal(down.what, "Unavailable STORAGE_UNAVAILABLE");
    const answer = await here.urls.verifyUrl({ ...use, grant: lives });
    assert.equal(answer.identity, "task:t-2");
    const still = await failure(here.urls.verifyUrl({ ...use, grant: ended }));
    assert.equal(still.what, gone.what);
    // Keys go on as they were; the other replica is not concerned.
    const { grant } = await here.urls.signUrl({ ...use, realm });
    await there.urls.verifyUrl({ ...use, grant });
    proxy.restore();
    await eventually("keys can be listed again", () =>
      here.keys.listKeys({}).then(
        () => true,
        () => false,
      ),
    );
  });
});

describe("the keys of a process", () => {
  it("U11: show in no output of it, in no metric and in no answer, also when they are wrong", async () => {
    const database = await createPostgresDatabase();
    atEnd(database.remove);
    const env = { DATABASE_URL: database.choice.url, FLEETGATE_LOG_LEVEL: "debug" };
    const args = [cliFile, "serve", "--listen", "127.0.0.1:0"];
    const canary = randomBytes(32);
    const forms = (["base64", "base64url", "hex"] as const).map((form) => canary.toString(form));
    const assertSilent = (text: string): void => {
      for (const form of forms) assert.ok(!text.includes(form.slice(4, 16)), "it shows a key");
    };

    const folder = makeFolder();
    for (const [name, text] of [
      ["url-k1.key", `${canary.toString("base64")}${canary.toString("base64")}`],
      ["assertion-K.key", canary.toString("base64")],
    ] as const) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
    }
    for (const text of [`url/k1:${canary.toString("base64")}!`, canary.toString("hex")]) {
      const wrong = { ...env, FLEETGATE_SIGNING_KEYS: text };
      assert.throws(
        () => readServerOptions({ env: wrong, flags: {} }),
        (error) => {
          assert.match(String(error), /FLEETGATE_SIGNING_KEYS: must be items such as/);
          assertSilent(inspect(error));
          return true;
        },
      );
    }
    const wrong = { ...env, FLEETGATE_SIGNING_KEYS_DIR: folder };
    const off = [...args, "--metrics-listen", "off"];
    const ended = await start(process.execPath, off, wrong).end();
    assert.equal(ended.code, 2, ended.stderr);
    assert.match(ended.stderr, /signing_keys_dir: "assertion-K\.key"/);
    assert.match(ended.stderr, /signing_keys_dir: "url-k1\.key": must hold/);
    assertSilent(ended.stdout + ended.stderr);

    const running = start(process.execPath, [...args, "--metrics-listen", "127.0.0.1:0"], {
      ...env,
      FLEETGATE_SIGNING_KEYS: `url/k1:${canary.toString("base64")}`,
      FLEETGATE_LOG_CALLS: "true",
    });
    const [, url = "", metricsUrl = ""] = await running.says(
      /listens on (http\S+)\nmetrics are on (http\S+)\n/,
    );
    const peer = peerOf(url, "fg1_nothing");
    await failure(peer.urls.verifyUrl({ ...use, grant: canary.toString("base64url") }));
    assertSilent(await (await fetch(metricsUrl)).text());
    running.signal("SIGTERM");
    const { code, stdout, stderr } = await running.end();
    assert.equal(code, 0, stderr);
    assert.match(stdout + stderr, /url\/k1/);
    assertSilent(stdout + stderr);
  });
});
