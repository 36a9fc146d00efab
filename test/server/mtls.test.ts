import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import {
  createConnectTransport,
  createGrpcTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import type { Transport } from "@connectrpc/connect";
import type { CommandDeps } from "../../src/commands/deps.ts";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { readServerOptions } from "../../src/server/options.ts";
import { openPorts } from "../../src/server/ports.ts";
import { ask, bearer } from "../rpc/support/bench.ts";
import { createFakeReplica } from "../rpc/support/fake-replica.ts";
import { createState, keys } from "../rpc/support/world.ts";
import { createAuthority, selfSigned, type TestCertificate } from "../support/certificates.ts";
import { memoryLog } from "./support/memory-log.ts";
import { serverNames, writeAuthorities, writeIdentity } from "./support/tls-bench.ts";

const timeout = 30_000;
const serverCa = await createAuthority("server");
const ca = await createAuthority("clients");
const otherCa = await createAuthority("strangers");

const options = `
client_certificates:
  - spiffe_trust_domain: example.org
    path: /ns/{ns}/sa/{sa}
    kind: service
    value: "{ns}:{sa}"
  - email: "{name}@example.com"
    organization: Example
    kind: user
    value: "{name}@example.com"
  - common_name: "{host}"
    organizational_unit: bots
    kind: bot
    value: "{host}"
`;

const ann = await ca.issue({
  subject: [{ O: ["Example"] }, { CN: ["Ann"] }],
  san: [{ type: "email", value: "ann@example.com" }],
});
const workload = await ca.issue({
  subject: [],
  san: [{ type: "url", value: "spiffe://example.org/ns/ci/sa/web" }],
});
const bot = await ca.issue({ subject: [{ OU: ["bots"] }, { CN: ["ci-1"] }] });
const nobody = await ca.issue({ subject: [{ CN: ["ci-1"] }] });
const stranger = await otherCa.issue({ subject: [{ OU: ["bots"] }, { CN: ["ci-1"] }] });
const alone = await selfSigned({ subject: [{ OU: ["bots"] }, { CN: ["a"] }] });

interface Server {
  readonly url: string;
  readonly peers: () => readonly unknown[];
  readonly wires: (
    credential: TestCertificate | undefined,
  ) => readonly (readonly [string, Transport])[];
  time: number;
}

async function open(t: TestContext, flags: Readonly<Record<string, string>> = {}): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), "fleetgate-mtls-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const files = {
    certFile: join(directory, "tls.crt"),
    keyFile: join(directory, "tls.key"),
    clientCaFile: join(directory, "ca.crt"),
  };
  writeIdentity(files, await serverCa.issue(serverNames));
  writeAuthorities(files, [ca]);
  const memory = memoryLog();
  const ports = await openPorts({
    options: readServerOptions({
      env: { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" },
      flags: {
        listen: "127.0.0.1:0",
        metrics_listen: "off",
        shutdown_grace: "0s",
        log_calls: "true",
        tls_cert_file: files.certFile,
        tls_key_file: files.keyFile,
        tls_client_ca_file: files.clientCaFile,
        ...flags,
      },
      file: { path: "options.yaml", text: options },
    }),
    tls: files,
    log: memory.log,
    commands: {
      replica: createFakeReplica(createState()),
      clock: () => new Date(server.time),
    } as unknown as CommandDeps,
    onKeyUse: () => {},
  });
  t.after(() => ports.close());
  const server: Server = {
    url: ports.url,
    peers: () => memory.lines().map((line) => line["peer"]),
    time: Date.now(),
    wires(credential) {
      const nodeOptions = { ca: serverCa.cert, ...credential };
      const sessionManager = new Http2SessionManager(ports.url, undefined, nodeOptions);
      t.after(() => sessionManager.abort());
      const two = { baseUrl: ports.url, httpVersion: "2", sessionManager } as const;
      const one = { baseUrl: ports.url, httpVersion: "1.1", nodeOptions } as const;
      return [
        ["gRPC", createGrpcTransport(two)],
        ["Connect", createConnectTransport(two)],
        ["Connect over HTTP/1.1", createConnectTransport(one)],
      ];
    },
  };
  return server;
}

const question = { permission: "swarming.pools.createTask", pool: "ci" };

async function check(
  transport: Transport,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const reply = await ask(transport, AclService.method.checkPoolPerm, question, headers);
  return reply.reason === "" ? reply.code : `${reply.code} ${reply.reason}`;
}

const denied = "permission_denied PERMISSION_DENIED";
const refused = "unauthenticated CREDENTIAL_REQUIRED";

describe("a peer with a client certificate", { timeout }, () => {
  for (const [what, credential, outcome, peer] of [
    ["of a person", ann, "ok", "user:ann@example.com"],
    ["with a SPIFFE ID", workload, denied, "service:ci:web"],
    ["of a bot", bot, denied, "bot:ci-1"],
    ["that no rule matches", nobody, refused, ""],
    ["of another authority", stranger, refused, ""],
    ["of nobody but itself", alone, refused, ""],
    ["none", undefined, refused, ""],
  ] as const) {
    it(`is ${peer || "refused"}: ${what}`, async (t) => {
      const server = await open(t);
      for (const [wire, transport] of server.wires(credential)) {
        assert.equal(await check(transport), outcome, wire);
        assert.equal(server.peers().at(-1) ?? "", peer, wire);
      }
    });
  }

  it("is never anonymous for a certificate that proves nothing, where anonymous peers are allowed", async (t) => {
    const server = await open(t, { allow_anonymous: "true" });
    for (const [credential, outcome] of [
      [undefined, denied],
      [stranger, refused],
      [nobody, refused],
    ] as const) {
      for (const [wire, transport] of server.wires(credential)) {
        assert.equal(await check(transport), outcome, wire);
      }
    }
  });

  it("is whom its bearer proves, when the certificate is a good one", async (t) => {
    const server = await open(t);
    for (const credential of [workload, nobody, undefined]) {
      for (const [wire, transport] of server.wires(credential)) {
        assert.equal(await check(transport, bearer(keys.ann.token)), "ok", wire);
        assert.equal(server.peers().at(-1), "user:ann@example.com");
      }
    }
  });

  it("is refused with a bad bearer, however good its certificate is", async (t) => {
    const server = await open(t);
    for (const [wire, transport] of server.wires(ann)) {
      for (const token of ["x", "", keys.ann.token.slice(0, -1), "a.b.c"]) {
        assert.equal(await check(transport, bearer(token)), refused, `${wire} ${token}`);
      }
      assert.equal(await check(transport, { authorization: "Basic YTpi" }), refused, wire);
    }
  });

  it("is refused with a bad certificate, however good its bearer is", async (t) => {
    const server = await open(t);
    for (const [wire, transport] of server.wires(stranger)) {
      assert.equal(await check(transport, bearer(keys.ann.token)), refused, wire);
    }
  });

  it("is not heard when a header says what certificate it has", async (t) => {
    const server = await open(t);
    for (const [wire, transport] of server.wires(undefined)) {
      const headers = {
        "x-forwarded-client-cert": "URI=spiffe://example.org/ns/ci/sa/web",
        "x-ssl-client-s-dn": "CN=ci-1,OU=bots",
      };
      assert.equal(await check(transport, headers), refused, wire);
    }
  });

  it("is refused from the moment that its certificate is over, in the same connection", async (t) => {
    const server = await open(t);
    const begun = server.time;
    for (const [wire, transport] of server.wires(ann)) {
      server.time = begun;
      assert.equal(await check(transport), "ok", wire);
      server.time = begun + 2 * 24 * 3600 * 1000;
      assert.equal(await check(transport), refused, wire);
    }
  });
});
