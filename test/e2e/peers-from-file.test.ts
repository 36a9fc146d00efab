import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { createClient, type Client } from "@connectrpc/connect";
import { createConnectTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ConfigService } from "../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import {
  makeKeyPair,
  sign,
  startIssuer,
  type TestIssuer,
} from "../identity/support/test-issuer.ts";
import { serverNames, writeAuthorities, writeIdentity } from "../server/support/tls-bench.ts";
import { createAuthority, type TestCertificate } from "../support/certificates.ts";
import { startPostgres, type PostgresServer } from "../support/postgres-server.ts";
import { atEnd, makeFolder } from "./support/cleanup.ts";
import { textFile } from "./support/clients.ts";
import { failure } from "./support/failures.ts";
import { start, type Running } from "./support/processes.ts";
import { prepareDatabase, questionOf } from "./support/serving.ts";
import { cliFile } from "../support/cli-file.ts";

const folder = makeFolder();
const file = (name: string): string => join(folder, name);
const tls = {
  certFile: file("tls.crt"),
  keyFile: file("tls.key"),
  clientCaFile: file("clients.crt"),
};

const fleet = `
projects:
  - name: app
    realms:
      - name: tests
        bindings:
          - role: role/swarming.poolUser
            principals: ["user:root@example.com", "user:ann@example.com", "bot:ci-1"]
pools: [{ name: linux, realm: "app:tests" }]
`;

/** What a peer proves itself by. */
interface Proof {
  readonly token?: string;
  readonly certificate?: TestCertificate;
}

describe("peers of a server that started from its file while Postgres is down", () => {
  let postgres: PostgresServer;
  let issuer: TestIssuer;
  let url: string;
  const serverCa = createAuthority("server");
  const clientCa = createAuthority("clients");
  const pair = makeKeyPair("k");
  let token: string;

  async function serve(): Promise<Running> {
    const listen = ["--listen", "127.0.0.1:0", "--metrics-listen", "off"];
    const args = [cliFile, "serve", "--options", file("fleetgate.server.yaml"), ...listen];
    const running = start(process.execPath, args, { DATABASE_URL: postgres.url });
    url = (await running.says(/listens on (https\S+)\n/))[1] ?? "";
    return running;
  }

  async function stop(running: Running): Promise<void> {
    running.signal("SIGTERM");
    const { code, stderr } = await running.end();
    assert.equal(code, 0, stderr);
  }

  async function as<T>(
    { token: bearer, certificate }: Proof,
    use: (acl: Client<typeof AclService>, config: Client<typeof ConfigService>) => Promise<T>,
  ): Promise<T> {
    const nodeOptions = { ca: (await serverCa).cert, ...certificate };
    const sessionManager = new Http2SessionManager(url, undefined, nodeOptions);
    const transport = createConnectTransport({
      ...{ baseUrl: url, httpVersion: "2", sessionManager },
      interceptors: [
        (next) => (request) => {
          if (bearer !== undefined) request.header.set("authorization", `Bearer ${bearer}`);
          return next(request);
        },
      ],
    });
    try {
      return await use(createClient(AclService, transport), createClient(ConfigService, transport));
    } finally {
      sessionManager.abort();
    }
  }

  const check = (proof: Proof) => as(proof, (acl) => acl.checkPoolPerm(questionOf("linux")));

  async function jwtOf(email: string, key = pair): Promise<string> {
    const seconds = Math.floor(Date.now() / 1000);
    return sign(issuer.claims({ email, iat: seconds, exp: seconds + 600 }), await key);
  }

  async function certificateOf(host: string): Promise<TestCertificate> {
    return (await clientCa).issue({ subject: [{ OU: ["bots"] }, { CN: [host] }] });
  }

  before(async () => {
    issuer = await startIssuer({ after: atEnd as never }, [(await pair).jwk]);
    writeIdentity(tls, await (await serverCa).issue(serverNames));
    writeAuthorities(tls, [await clientCa]);
    const options = {
      snapshot_file: file("snapshot"),
      poll_interval: "100ms",
      tls_cert_file: tls.certFile,
      tls_key_file: tls.keyFile,
      tls_client_ca_file: tls.clientCaFile,
      jwt_issuers: [
        {
          issuer: issuer.url,
          audiences: ["fleetgate"],
          algorithms: ["ES256"],
          identities: [{ kind: "user", value: "{email}", domains: ["example.com"] }],
        },
      ],
      client_certificates: [
        { common_name: "{host}", organizational_unit: "bots", kind: "bot", value: "{host}" },
      ],
    };
    writeFileSync(file("fleetgate.server.yaml"), JSON.stringify(options), { mode: 0o600 });
    postgres = await startPostgres({ durable: true });
    atEnd(postgres.remove);
    token = await prepareDatabase(postgres.url);
    const running = await serve();
    await as({ token }, (_, config) => config.apply({ files: [textFile(fleet)] }));
    await stop(running);
    assert.deepEqual(issuer.requests, [], "the process that comes has no keys from before");
    await postgres.stop("SIGKILL");
  });

  it("prove themselves by API keys, JWTs and certificates, and get the answers of the file", async () => {
    const running = await serve();
    assert.match(running.output(), /answered from the snapshot file/);
    await check({ token });
    await check({ token: await jwtOf("ann@example.com") });
    await check({ certificate: await certificateOf("ci-1") });
    const denied = "PermissionDenied PERMISSION_DENIED";
    assert.equal((await failure(check({ token: await jwtOf("bob@example.com") }))).what, denied);
    assert.equal((await failure(check({ certificate: await certificateOf("ci-2") }))).what, denied);
    await stop(running);
  });

  it("are refused as ever when they prove nothing", async () => {
    const running = await serve();
    const forged = await jwtOf("ann@example.com", makeKeyPair("k"));
    const rogue = await createAuthority("strangers");
    const certificate = await rogue.issue({ subject: [{ OU: ["bots"] }, { CN: ["ci-1"] }] });
    for (const proof of [{}, { token: forged }, { certificate }]) {
      const { what } = await failure(check(proof));
      assert.equal(what, "Unauthenticated CREDENTIAL_REQUIRED");
    }
    await stop(running);
  });

  it("cannot be told by JWTs while the issuer is down too: that is no refusal", async () => {
    const jwt = await jwtOf("ann@example.com");
    await issuer.stop();
    const running = await serve();
    assert.equal((await failure(check({ token: jwt }))).what, "Internal CHECK_UNAVAILABLE");
    await check({ certificate: await certificateOf("ci-1") });
    await stop(running);
  });
});
