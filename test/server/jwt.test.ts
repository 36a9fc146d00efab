import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it, type TestContext } from "node:test";
import type { CommandDeps } from "../../src/commands/deps.ts";
import { OptionsError } from "../../src/server/options-error.ts";
import { readServerOptions } from "../../src/server/options.ts";
import { openPorts } from "../../src/server/ports.ts";
import {
  discoveryPath,
  jwksPath,
  makeKeyPair,
  sign,
  startIssuer,
  type TestKeyPair,
} from "../identity/support/test-issuer.ts";
import { createFakeReplica } from "../rpc/support/fake-replica.ts";
import { now } from "../rpc/support/keys.ts";
import { createState } from "../rpc/support/world.ts";
import { memoryLog } from "./support/memory-log.ts";

let pair: TestKeyPair;
before(async () => {
  pair = await makeKeyPair("k");
});

/** Opens the ports of a server with one issuer in its options file. */
async function open(t: TestContext, issuer: Readonly<Record<string, unknown>>) {
  const memory = memoryLog();
  const text = JSON.stringify({
    listen: "127.0.0.1:0",
    metrics_listen: "127.0.0.1:0",
    shutdown_grace: "0s",
    jwt_issuers: [
      {
        audiences: ["fleetgate"],
        algorithms: ["ES256"],
        identities: [{ kind: "user", value: "{email}", domains: ["example.com"] }],
        ...issuer,
      },
    ],
  });
  const options = readServerOptions({
    env: { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" },
    flags: {},
    file: { path: "fleetgate.server.yaml", text },
  });
  const replica = createFakeReplica(createState());
  const commands = { replica, clock: () => now } as unknown as CommandDeps;
  const ports = await openPorts({
    options,
    tls: undefined,
    log: memory.log,
    commands,
    onKeyUse: () => {},
  });
  t.after(() => ports.close());
  const check = async (token: string): Promise<string> => {
    const answer = await fetch(`${ports.url}/fleetgate.acl.v1.AclService/CheckServerPerm`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ permission: "swarming.servers.peek" }),
    });
    const { code = "ok" } = (await answer.json()) as { readonly code?: string };
    return code;
  };
  const metrics = async (): Promise<string> => (await fetch(ports.metricsUrl ?? "")).text();
  return { ...memory, check, metrics };
}

describe("a server with an issuer in its options file", () => {
  it("admits by its tokens, and tells of its keys in log and metrics", async (t) => {
    const issuer = await startIssuer(t, [pair.jwk]);
    const server = await open(t, { issuer: issuer.url });
    assert.deepEqual(issuer.requests, [], "nothing is fetched before the first need");
    const root = await sign(issuer.claims({ email: "root@example.com" }), pair);
    const stranger = await sign(issuer.claims({ email: "root@example.org" }), pair);
    assert.equal(await server.check(root), "ok");
    assert.equal(await server.check(await sign(issuer.claims(), pair)), "permission_denied");
    assert.equal(await server.check(stranger), "unauthenticated");
    assert.deepEqual(issuer.requests, [discoveryPath, jwksPath]);

    const loaded = server
      .lines()
      .filter(({ msg }) => msg === "loaded the keys of an issuer of JWTs");
    assert.deepEqual(
      loaded.map(({ issuer, keys, unused }) => [issuer, keys, unused]),
      [[issuer.url, 1, 0]],
    );
    const refused = server.lines().find(({ code }) => code === "unauthenticated");
    assert.equal(refused?.["err"], "JWT: no rule of the issuer fits");
    const denied = server.lines().find(({ code }) => code === "permission_denied");
    assert.equal(denied?.["credential"], `jwt ${issuer.url}`);
    assert.ok(!server.text().includes("eyJ") && !server.text().includes("example.org"));
    const text = await server.metrics();
    assert.match(text, /^fleetgate_jwt_keys_age_seconds\{issuer="http:[^"]+"\} [0-9.e-]+$/m);
    assert.match(text, /^fleetgate_jwt_key_load_failures_total\{issuer="http:[^"]+"\} 0$/m);
  });

  it("says that keys cannot be loaded, once a try, and answers that it could not check", async (t) => {
    const issuer = await startIssuer(t);
    const server = await open(t, { issuer: issuer.url });
    const token = await sign(issuer.claims(), pair);
    for (let n = 0; n < 20; n += 1) assert.equal(await server.check(token), "internal");
    const failures = server.lines().filter(({ msg }) => /cannot be loaded/.test(String(msg)));
    assert.equal(failures.length, 1);
    assert.match(await server.metrics(), /^fleetgate_jwt_key_load_failures_total\{[^}]+\} 1$/m);
    assert.doesNotMatch(await server.metrics(), /^fleetgate_jwt_keys_age_seconds/m);
  });

  it("does not start with a key set in a file that it cannot use", async (t) => {
    const directory = mkdtempSync(join(tmpdir(), "fleetgate-keys-"));
    t.after(() => rmSync(directory, { recursive: true }));
    const file = join(directory, "S3cretCanary");
    const start = () => open(t, { issuer: "https://a.example", jwks_file: file });
    for (const [text, why] of [
      [undefined, "the system says ENOENT"],
      ["{}", "it is no key set"],
      ['{"keys":[]}', "it has no key that can be used"],
    ] as const) {
      if (text !== undefined) writeFileSync(file, text);
      await assert.rejects(start(), (error) => {
        assert.ok(error instanceof OptionsError);
        const line = `jwt_issuers[0].jwks_file: the key set cannot be used: ${why}`;
        assert.deepEqual(error.problems, [line]);
        return true;
      });
    }
    writeFileSync(file, JSON.stringify({ keys: [pair.jwk] }));
    const server = await start();
    const claims = { iss: "https://a.example", aud: "fleetgate", exp: now.getTime() / 1000 + 1 };
    const email = { email: "root@example.com", email_verified: true };
    assert.equal(await server.check(await sign({ ...claims, ...email }, pair)), "ok");
  });
});
