import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { selfSigned, createAuthority } from "../support/certificates.ts";
import { fingerprintOf, startSilentTls } from "../support/silent-tls.ts";
import { startFake } from "../client/support/fake-server.ts";
import { runCli } from "./support/run-cli.ts";
import { makeFolder } from "./support/temp-folder.ts";

const server = await selfSigned();
const other = await selfSigned();
const authority = await createAuthority("trusted");
const folder = makeFolder({
  "admin.header": "Authorization: Bearer hunter2\n",
  "ca.crt": authority.cert,
});
const header = ["--header-file", join(folder, "admin.header")];
const pin = fingerprintOf(server);
const check = ["check", "server", "--permission", "swarming.pools.listBots", ...header];

describe("--tls-fingerprint", () => {
  it("is enough to trust a server, as an option or as a variable; the option goes first", async () => {
    const fake = await startFake(() => "token", 0, { ...server });
    const where = ["--endpoint", fake.url];
    const right = await runCli([...check, ...where, "--tls-fingerprint", pin]);
    assert.deepEqual(right, { code: 0, stdout: "permitted\n", stderr: "" });
    const env = { FLEETGATE_TLS_FINGERPRINT: pin };
    assert.equal((await runCli([...check, ...where], { env })).code, 0);
    const wrong = await runCli([...check, ...where, "--tls-fingerprint", fingerprintOf(other)], {
      env,
    });
    assert.equal(wrong.code, 4);
    assert.deepEqual(fake.bearers, ["Bearer hunter2", "Bearer hunter2"]);
    const unpinned = await runCli([...check, ...where]);
    assert.equal(unpinned.code, 4, "nobody vouches for it");
    assert.match(unpinned.stderr, /vouches for its certificate\nhint: .*--tls-fingerprint/);
  });

  for (const [what, args] of [
    ["a check", check],
    ["health", ["health"]],
    // It asks a server that is down again and again; this one is not.
    ["wait", ["wait", "AQ3f0c", "--timeout", "1h", ...header]],
  ] as const) {
    it(`lets ${what} send nothing to a server with another certificate`, async (t) => {
      const silent = await startSilentTls(t, other);
      const where = ["--endpoint", silent.url, "--tls-fingerprint", pin];
      const { code, stdout, stderr } = await runCli([...args, ...where]);
      assert.deepEqual([code, stdout], [4, ""]);
      assert.match(
        stderr,
        new RegExp(`shows the certificate ${fingerprintOf(other)}, where ${pin}`),
      );
      assert.match(stderr, /nothing was sent to it\nhint: /);
      await silent.ended();
      assert.deepEqual([silent.connections(), silent.bytes()], [1, 0]);
    });
  }

  it("says with --json that it is no passing failure", async (t) => {
    const silent = await startSilentTls(t, other);
    const where = ["--endpoint", silent.url, "--tls-fingerprint", pin];
    const { stdout } = await runCli([...check, ...where, "--json"]);
    assert.equal((JSON.parse(stdout) as { readonly code: number }).code, 9);
  });

  const https = ["--endpoint", "https://127.0.0.1:1"];
  const cases: readonly [string, readonly string[], RegExp, Readonly<Record<string, string>>?][] = [
    [
      "that is malformed",
      [...https, "--tls-fingerprint", "sha256:0"],
      /--tls-fingerprint: it must be/,
    ],
    ["with colons", [...https, "--tls-fingerprint", `sha256:${"00:".repeat(31)}00`], /it must be/],
    ["of another hash", [...https, "--tls-fingerprint", "0".repeat(64)], /it must be sha256:/],
    ["that is empty", [...https, "--tls-fingerprint", ""], /--tls-fingerprint/],
    [
      "that is malformed in a variable",
      https,
      /\$FLEETGATE_TLS_FINGERPRINT: it must be/,
      { FLEETGATE_TLS_FINGERPRINT: "x" },
    ],
    [
      "beside an authority",
      [...https, "--tls-fingerprint", pin, "--ca-file", join(folder, "ca.crt")],
      /--tls-fingerprint: it goes without --ca-file/,
    ],
    [
      "for an endpoint without TLS",
      ["--endpoint", "http://127.0.0.1:1", "--tls-fingerprint", pin],
      /--tls-fingerprint: a fingerprint wants an https:/,
    ],
  ];
  for (const [what, args, message, env = {}] of cases) {
    it(`ends with 2 for one ${what}`, async () => {
      const { code, stdout, stderr } = await runCli(["health", ...args], { env });
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, message);
    });
  }
});
