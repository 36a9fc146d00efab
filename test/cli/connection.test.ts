import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { startPathProxy } from "../client/support/path-proxy.ts";
import { fleetgateError, listen, startFake } from "./support/fake-fleetgate.ts";
import { runCli, type CliResult } from "./support/run-cli.ts";
import { makeFolder } from "./support/temp-folder.ts";

const secret = "fg1_ak_secretsecretsecret";
const folder = makeFolder({
  "good.header": `# who I am\r\n\r\nAuthorization: Bearer ${secret}\r\nX-Trace:  a b \n`,
  "open.header": `Authorization: Bearer ${secret}\n`,
  "bad.header": `Authorization: Bearer x\n${secret}\n`,
});
chmodSync(join(folder, "open.header"), 0o644);
const goodHeader = join(folder, "good.header");

let refusal: Error | undefined;
const fake = await startFake({
  acl: {
    checkServerPerm: () => {
      if (refusal !== undefined) throw refusal;
      return { revisionToken: "AQ" };
    },
  },
});

const impatient = await startFake(
  { acl: { checkServerPerm: () => ({ revisionToken: "AQ" }) } },
  { maxTimeoutMs: 3_600_000 },
);
const secured = await startFake(
  { acl: { checkServerPerm: () => ({ revisionToken: "AQ" }) } },
  { tls: true },
);

function ask(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  return runCli(["check", "server", "--permission", "a.b.c", ...args], { env });
}

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("--endpoint", () => {
  it("is taken from the option, else from the environment", async () => {
    assert.equal((await ask([], { FLEETGATE_ENDPOINT: fake.endpoint })).code, 0);
    const args = ["--endpoint", `${fake.endpoint}/`];
    assert.equal((await ask(args, { FLEETGATE_ENDPOINT: "nonsense" })).code, 0);
  });

  it("may stand before the command", async () => {
    const args = ["--endpoint", fake.endpoint, "check", "server", "--permission", "a.b.c"];
    assert.equal((await runCli(args)).code, 0);
  });

  it("may have a path, which goes before that of the method", async (t) => {
    const proxy = await startPathProxy(t, "/team/fleetgate", fake.endpoint);
    for (const slash of ["", "/"]) {
      const args = ["--endpoint", `${proxy.url}/team/fleetgate${slash}`];
      assert.deepEqual(await ask(args), { code: 0, stdout: "permitted\n", stderr: "" });
    }
    const path = "/team/fleetgate/fleetgate.acl.v1.AclService/CheckServerPerm";
    assert.deepEqual(proxy.paths, [path, path]);
  });

  for (const bad of ["nonsense", "ftp://h", "127.0.0.1:8080", "http://h/?q=1", ""]) {
    it(`ends with 2 when it is ${JSON.stringify(bad)}`, async () => {
      const result = await ask(["--endpoint", bad]);
      assert.equal(result.code, 2);
      assert.match(result.stderr, /^error: .*--endpoint/);
    });
  }

  it("refuses a password in it without repeating it", async () => {
    const result = await ask([], { FLEETGATE_ENDPOINT: "http://ann:hunter2@127.0.0.1:1" });
    assert.equal(result.code, 2);
    assert.match(result.stderr, /FLEETGATE_ENDPOINT: it must not hold a user name or a password/);
    assert.ok(!result.stderr.includes("hunter2"));
  });
});

describe("a server that does not answer as it should", () => {
  it("ends with 4 and says what was tried when nobody listens", async () => {
    const endpoint = `http://127.0.0.1:${await closedPort()}`;
    const result = await ask(["--endpoint", endpoint]);
    assert.equal(result.code, 4);
    assert.equal(result.stdout, "");
    assert.match(
      result.stderr,
      new RegExp(`^error: .*${endpoint}: connection refused\nhint: is it`),
    );
    const json = await ask(["--endpoint", endpoint, "--json"]);
    assert.equal((JSON.parse(json.stdout) as { code: number }).code, Code.Unavailable);
  });

  it("ends with 4 when the time is over", async () => {
    const sockets = new Set<net.Socket>();
    const server = net.createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const result = await ask(["--endpoint", `http://127.0.0.1:${port}`, "--timeout", "50ms"]);
    for (const socket of sockets) socket.destroy();
    server.close();
    assert.equal(result.code, 4);
    assert.match(result.stderr, /^error: no answer from .* within 50 ms\nhint: .*--timeout/);
  });

  it("ends with 4 when it speaks HTTP/1.1 only", async () => {
    const server = http.createServer((_, response) => response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const result = await ask(["--endpoint", `http://127.0.0.1:${port}`]);
    server.closeAllConnections();
    server.close();
    assert.equal(result.code, 4);
    assert.match(result.stderr, /\nhint: /);
  });

  it("ends with 4 when TLS is not spoken there", async () => {
    const result = await ask(["--endpoint", fake.endpoint.replace("http:", "https:")]);
    assert.equal(result.code, 4);
    assert.match(result.stderr, /\nhint: does the endpoint say http or https/);
  });

  it("ends with 4 when it is another service", async () => {
    const endpoint = await listen(
      http2.createServer((_, response) => {
        response.writeHead(403, { "content-type": "text/html" });
        response.end("<h1>Forbidden</h1>");
      }),
    );
    const result = await ask(["--endpoint", endpoint]);
    assert.equal(result.code, 4);
    assert.match(result.stderr, /\nhint: .*proxy/);
  });

  it("ends with 4 when the method is unknown there", async () => {
    const args = ["check", "bot", "b", "--permission", "a.b.c", "--endpoint", fake.endpoint];
    const result = await runCli(args);
    assert.equal(result.code, 4);
    assert.match(result.stderr, /does not know this method/);
  });
});

describe("--timeout", () => {
  for (const bad of ["", "0s", "5", "25h", "99999d", "1.5s"]) {
    it(`ends with 2 when it is ${JSON.stringify(bad)}`, async () => {
      const result = await ask(["--endpoint", fake.endpoint, "--timeout", bad]);
      assert.equal(result.code, 2);
      assert.match(result.stderr, /^error: .*--timeout/);
    });
  }

  it("ends with 4 when the server allows less, and names its option", async () => {
    const limited = ["--endpoint", impatient.endpoint];
    const result = await ask([...limited, "--timeout", "2h"]);
    assert.equal(result.code, 4);
    assert.match(result.stderr, /\nhint: .*--timeout.*max_call_timeout/);
    assert.equal((await ask([...limited, "--timeout", "1h"])).code, 0);
  });

  it("may be a day", async () => {
    const result = await ask(["--endpoint", fake.endpoint, "--timeout", "24h"]);
    assert.deepEqual(result, { code: 0, stdout: "permitted\n", stderr: "" });
  });
});

describe("an https:// endpoint", () => {
  const certFile = join(import.meta.dirname, "..", "server", "support", "tls", "cert.pem");

  it("is trusted when --ca-file has its authority", async () => {
    const args = ["--endpoint", secured.endpoint, "--ca-file", certFile];
    const result = await ask([...args, "--header-file", goodHeader]);
    assert.deepEqual(result, { code: 0, stdout: "permitted\n", stderr: "" });
    assert.equal(secured.headers.at(-1)?.get("authorization"), `Bearer ${secret}`);
  });

  it("ends with 4 without it, names the way out and sends no credential", async () => {
    const sent = secured.headers.length;
    const args = ["--endpoint", secured.endpoint, "--header-file", goodHeader];
    const result = await ask(args);
    assert.equal(result.code, 4);
    assert.match(result.stderr, /\nhint: .*--ca-file/);
    assert.equal(secured.headers.length, sent);
  });

  it("ends with 4 when the certificate is for another host", async () => {
    const endpoint = secured.endpoint.replace("127.0.0.1", "127.0.0.2");
    const result = await ask(["--endpoint", endpoint, "--ca-file", certFile]);
    assert.equal(result.code, 4);
  });

  it("ends with 2 for a file of authorities that cannot be used", async () => {
    for (const file of [join(folder, "none.pem"), goodHeader, ""]) {
      const result = await ask(["--endpoint", secured.endpoint, "--ca-file", file]);
      assert.equal(result.code, 2);
      assert.match(result.stderr, /^error: .*(none\.pem|good\.header|--ca-file)/);
    }
  });
});

describe("--header-file", () => {
  it("sends the headers of the file that the option or the environment names", async () => {
    for (const [args, env] of [
      [["--header-file", goodHeader], { FLEETGATE_HEADER_FILE: "none" }],
      [[], { FLEETGATE_HEADER_FILE: goodHeader }],
    ] as const) {
      fake.headers.length = 0;
      const result = await ask([...args, "--endpoint", fake.endpoint], env);
      assert.deepEqual(result, { code: 0, stdout: "permitted\n", stderr: "" });
      assert.equal(fake.headers[0]?.get("authorization"), `Bearer ${secret}`);
      assert.equal(fake.headers[0]?.get("x-trace"), "a b");
    }
  });

  it("warns when others can read it", async () => {
    const file = join(folder, "open.header");
    const result = await ask(["--header-file", file, "--endpoint", fake.endpoint]);
    assert.equal(result.code, 0);
    assert.match(result.stderr, /^warning: .*mode 0644.*chmod 600/);
  });

  it("ends with 2 for a bad file, names the line and never quotes it", async () => {
    const file = join(folder, "bad.header");
    const result = await ask(["--header-file", file, "--endpoint", fake.endpoint]);
    assert.equal(result.code, 2);
    assert.match(result.stderr, /bad\.header, line 2: not an HTTP header/);
    assert.ok(!result.stderr.includes(secret));
    assert.equal((await ask(["--header-file", join(folder, "none")])).code, 2);
  });

  it("says what to do about a missing and about a refused credential, without showing it", async () => {
    refusal = fleetgateError(Code.Unauthenticated, "CREDENTIAL_REQUIRED", "no valid credential");
    const missing = await ask(["--endpoint", fake.endpoint]);
    const refused = await ask(["--endpoint", fake.endpoint, "--header-file", goodHeader]);
    refusal = undefined;
    assert.equal(missing.code, 4);
    assert.match(missing.stderr, /\nhint: no credential was sent: .*--header-file/);
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, /\nhint: the credential in .*good\.header is expired/);
    assert.ok(!refused.stderr.includes(secret));
  });

  for (const host of ["fleetgate.invalid", "127.0.0.1.invalid", "localhost.invalid"]) {
    it(`warns when a credential would travel to ${host} unencrypted`, async () => {
      const result = await ask(["--header-file", goodHeader, "--endpoint", `http://${host}`]);
      assert.equal(result.code, 4);
      const warning = `warning: the credential goes to ${host} unencrypted`;
      assert.ok(result.stderr.startsWith(warning), result.stderr);
    });
  }
});

describe("there is no option for a secret", () => {
  for (const option of ["--token", "--header", "--password"]) {
    it(`ends with 2 for ${option}`, async () => {
      const result = await ask([option, secret]);
      assert.equal(result.code, 2);
      assert.ok(!result.stderr.includes(secret));
    });
  }
});
