import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it, type TestContext } from "node:test";
import { connect } from "node:tls";
import type { CommandDeps } from "../../src/commands/deps.ts";
import { readServerOptions } from "../../src/server/options.ts";
import { openPorts } from "../../src/server/ports.ts";
import { openTls } from "../../src/server/self-signed/self-signed-tls.ts";
import { createFakeReplica } from "../rpc/support/fake-replica.ts";
import { createState } from "../rpc/support/world.ts";
import { memoryLog } from "./support/memory-log.ts";
import { testTlsFiles } from "./support/test-listener.ts";

async function open(t: TestContext, flags: Readonly<Record<string, string>>) {
  const memory = memoryLog();
  const options = readServerOptions({
    env: { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" },
    flags: { metrics_listen: "off", shutdown_grace: "0s", ...flags },
  });
  const replica = createFakeReplica(createState());
  const commands = { replica, clock: () => new Date() } as unknown as CommandDeps;
  const tls = await openTls(options.tls, new Date());
  const ports = await openPorts({ options, tls, log: memory.log, commands, onKeyUse: () => {} });
  t.after(() => ports.close());
  const { tlsFingerprint } = ports;
  return { ...memory, replica, port: new URL(ports.url).port, tlsFingerprint };
}

const withTls = { tls_cert_file: testTlsFiles.certFile, tls_key_file: testTlsFiles.keyFile };

describe("openPorts", () => {
  it("warns that credentials can be read on the way, when other machines are served in cleartext", async (t) => {
    const { lines, port } = await open(t, { listen: "0.0.0.0:0" });
    const [{ time: _, ...line } = {}] = lines();
    assert.deepEqual(line, {
      level: "warn",
      host: "0.0.0.0",
      msg: "serving without TLS: credentials cross the network readable",
    });
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
  });

  for (const [what, flags] of [
    ["in cleartext on loopback", { listen: "127.0.0.1:0" }],
    ["over TLS for other machines", { listen: "0.0.0.0:0", ...withTls }],
    ["with a certificate of its own", { listen: "0.0.0.0:0", tls_self_signed: "true" }],
  ] as const) {
    it(`does not warn when it serves ${what}`, async (t) => {
      const { lines } = await open(t, flags);
      assert.deepEqual(lines(), []);
    });
  }

  it("tells the fingerprint of its certificate if it made that itself, and of no other", async (t) => {
    const listen = "127.0.0.1:0";
    const { port, tlsFingerprint } = await open(t, { listen, tls_self_signed: "true" });
    const socket = connect({ port: Number(port), rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const shown = socket.getPeerX509Certificate()?.fingerprint256 ?? "";
    socket.destroy();
    assert.equal(tlsFingerprint(), `sha256:${shown.replaceAll(":", "").toLowerCase()}`);
    assert.equal((await open(t, { listen, ...withTls })).tlsFingerprint(), undefined);
    assert.equal((await open(t, { listen })).tlsFingerprint(), undefined);
  });

  it("is ready while there is a usable snapshot", async (t) => {
    const { replica, port } = await open(t, { listen: "127.0.0.1:0" });
    const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status;
    assert.equal(await ready(), 200);
    replica.state = undefined;
    assert.equal(await ready(), 503);
    replica.state = createState();
    assert.equal(await ready(), 200);
  });
});
