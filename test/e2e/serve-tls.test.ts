import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { makeFolder } from "./support/cleanup.ts";
import { fleetgate, root, start, type Ended, type Running } from "./support/processes.ts";
import { cliFile } from "../support/cli-file.ts";

const folder = makeFolder();
const database = join(folder, "db");
const header = join(folder, "admin.header");
const tls = join(root, "test", "server", "support", "tls");
const certFile = join(tls, "cert.pem");
const flags = ["--embedded", database, "--listen", "127.0.0.1:0", "--metrics-listen", "off"];

describe("fleetgate serve with a certificate", () => {
  let running: Running;
  let url: string;
  const ask = (...args: readonly string[]): Promise<Ended> =>
    fleetgate([...args, "--endpoint", url], { FLEETGATE_HEADER_FILE: header });

  before(async () => {
    cpSync(process.env["FLEETGATE_TEST_EMBEDDED_TEMPLATE"] ?? "", database, { recursive: true });
    const key = ["key", "create", "--bootstrap", "--identity", "user:root@example.com"];
    const made = await fleetgate([...key, "--embedded", database, "--out", header]);
    assert.equal(made.code, 0, made.stderr);
    const files = ["--tls-cert-file", certFile, "--tls-key-file", join(tls, "key.pem")];
    running = start(process.execPath, [cliFile, "serve", ...flags, ...files]);
    url = (await running.says(/listens on (https:\S+)\n/))[1] ?? "";
  });

  it("answers the command line that trusts its authority", async () => {
    const health = await ask("health", "--ca-file", certFile);
    assert.deepEqual(health, { code: 0, stdout: "SERVING\n", stderr: "" });
    const check = ["check", "server", "--permission", "swarming.pools.listBots"];
    const checked = await ask(...check, "--ca-file", certFile);
    assert.deepEqual(checked, { code: 0, stdout: "permitted\n", stderr: "" });
  });

  it("is not trusted without its authority", async () => {
    const { code, stdout, stderr } = await ask("health");
    assert.deepEqual([code, stdout], [4, ""]);
    assert.match(stderr, /\nhint: .*--ca-file/);
  });

  it("does not answer in cleartext", async () => {
    const { code, stderr } = await fleetgate([
      "health",
      "--endpoint",
      url.replace("https", "http"),
    ]);
    assert.equal(code, 4);
    assert.match(stderr, /\nhint: does the endpoint say http or https/);
  });

  it("ends with 0 on SIGTERM", async () => {
    running.signal("SIGTERM");
    assert.equal((await running.end()).code, 0);
  });

  it("refuses a certificate without its key, and files that it cannot use", async () => {
    const alone = await fleetgate(["serve", ...flags, "--tls-cert-file", certFile]);
    assert.equal(alone.code, 2);
    assert.match(alone.stderr, /tls_key_file/);
    const swapped = ["--tls-cert-file", join(tls, "key.pem"), "--tls-key-file", certFile];
    const { code, stderr } = await fleetgate(["serve", ...flags, ...swapped]);
    assert.equal(code, 2);
    assert.match(stderr, /^error: the server options are not usable:\n.*tls_cert_file/m);
    assert.doesNotMatch(stderr, /\n\s+at /, "no stack");
  });
});
