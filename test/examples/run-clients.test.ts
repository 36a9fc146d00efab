import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import { connect, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { createEngineFleetgate } from "../../src/testing/index.ts";
import { clientToolchains } from "./support/client-toolchains.ts";
import type { BuiltClient } from "./support/toolchain.ts";

const root = join(import.meta.dirname, "..", "..");
const tls = join(root, "test", "server", "support", "tls");
const certFile = join(tls, "cert.pem");
const yaml = `
settings:
  delegations: [{ group: services, caller_globs: ["user:*"] }]
groups:
  - name: services
    members: ["service:tasks"]
projects:
  - name: app
    realms:
      - name: ci
        bindings: [{ role: role/swarming.poolUser, principals: ["user:ann@example.com"] }]
      - name: release
pools:
  - { name: linux-tests, realm: "app:ci" }
  - { name: release-signing, realm: "app:release" }
`;

const fleetgate = createEngineFleetgate({ yaml, peer: "service:tasks" });
const folder = mkdtempSync(join(tmpdir(), "fleetgate-keys-"));
const keyFile = join(folder, "key");
const headerFile = join(folder, "key.header");
const expiredFile = join(folder, "expired");
const undo: (() => void)[] = [];
const url = { real: "", silent: "", refusing: "", tls: "" };

before(async () => {
  url.real = (await fleetgate.listen()).url;
  url.silent = await http2Server(() => {});
  // What a proxy answers; libraries of gRPC make PERMISSION_DENIED of it.
  url.refusing = await http2Server((stream) => {
    stream.respond({ ":status": 403 }, { endStream: true });
  });
  url.tls = await tlsInFrontOf(Number(new URL(url.real).port));
  const key = fleetgate.createKey("service:tasks");
  writeFileSync(keyFile, key);
  writeFileSync(headerFile, `Authorization: Bearer ${key}\n`);
  writeFileSync(expiredFile, fleetgate.createKey("service:tasks", { expiresAt: new Date(0) }));
});
after(async () => {
  for (const step of undo) step();
  rmSync(folder, { recursive: true, force: true });
  await fleetgate.close();
});

for (const { name, build } of clientToolchains) {
  describe(name, () => {
    let client: BuiltClient | undefined;
    let missing = "it could not be built";
    before(async () => {
      const built = await build();
      if ("missing" in built) ({ missing } = built);
      else client = built;
    });

    const asks = (
      title: string,
      question: () => readonly [url: string, keyFile: string, pool: string, trusting?: string],
      pattern: RegExp,
    ): void => {
      test(title, async (context) => {
        const asked = question();
        if (client === undefined) context.skip(missing);
        else if (asked[0].startsWith("https") && !client.speaksTls) context.skip("no TLS here");
        else assert.match(await client.ask(...asked), pattern);
      });
    };

    asks("is permitted", () => [url.real, keyFile, "linux-tests"], /^permitted$/);
    asks("takes a header file", () => [url.real, headerFile, "linux-tests"], /^permitted$/);
    asks(
      "reads from the details of a denial which pool it is about",
      () => [url.real, keyFile, "release-signing"],
      /^denied: release-signing$/,
    );
    asks(
      "tells a key that has expired from a denial",
      () => [url.real, expiredFile, "linux-tests"],
      /^nobody knows: unauthenticated CREDENTIAL_REQUIRED$/i,
    );
    asks(
      "does not take the 403 of a proxy for a denial",
      () => [url.refusing, keyFile, "linux-tests"],
      /^nobody knows: permission_?denied$/i,
    );
    asks(
      "gives up at its deadline",
      () => [url.silent, keyFile, "linux-tests"],
      /^nobody knows: deadline_?exceeded$/i,
    );
    asks(
      "asks over TLS whom it trusts",
      () => [url.tls, keyFile, "linux-tests", certFile],
      /^permitted$/,
    );
    asks(
      "does not ask over TLS whom it does not trust",
      () => [url.tls, keyFile, "linux-tests"],
      /^nobody knows: unavailable$/i,
    );
  });
}

async function http2Server(answer: (stream: ServerHttp2Stream) => void): Promise<string> {
  const server = createHttp2Server();
  server.on("stream", answer);
  return `http://127.0.0.1:${await listen(server)}`;
}

/** A proxy that ends TLS in front of a port that speaks HTTP/2 in cleartext. */
async function tlsInFrontOf(port: number): Promise<string> {
  const files = { cert: readFileSync(certFile), key: readFileSync(join(tls, "key.pem")) };
  const server = createTlsServer({ ...files, ALPNProtocols: ["h2"] }, (outside) => {
    const inside = connect(port, "127.0.0.1");
    const end = (): void => {
      outside.destroy();
      inside.destroy();
    };
    for (const side of [outside, inside]) side.on("error", end).on("close", end);
    outside.pipe(inside).pipe(outside);
  });
  return `https://127.0.0.1:${await listen(server)}`;
}

/** Listens on a free port of loopback until the tests have ended. */
async function listen(
  server: Pick<Server, "listen" | "address" | "close" | "on">,
): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => void sockets.add(socket));
  undo.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server as Server, "listening");
  return (server.address() as AddressInfo).port;
}
