import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { CommandDeps } from "../../src/commands/deps.ts";
import { readServerOptions } from "../../src/server/options.ts";
import { openPorts } from "../../src/server/ports.ts";
import { createFakeReplica } from "../rpc/support/fake-replica.ts";
import { createState, keys } from "../rpc/support/world.ts";
import { memoryLog } from "../server/support/memory-log.ts";
import { serverNames } from "../server/support/tls-bench.ts";
import { createAuthority } from "../support/certificates.ts";
import { runCli, type CliResult } from "./support/run-cli.ts";
import { makeFolder } from "./support/temp-folder.ts";

const serverCa = await createAuthority("server");
const clientCa = await createAuthority("clients");
const server = await serverCa.issue(serverNames);
const subject = [{ OU: ["people"] }, { CN: ["ann"] }];
const ann = await clientCa.issue({ subject });
const bot = await clientCa.issue({ subject: [{ OU: ["bots"] }, { CN: ["ci-1"] }] });
const nobody = await clientCa.issue({ subject: [{ CN: ["ci-1"] }] });
const stranger = await (await createAuthority("strangers")).issue({ subject });

const folder = makeFolder({
  "server.crt": server.cert,
  "server.key": server.key,
  "server-ca.crt": serverCa.cert,
  "client-ca.crt": clientCa.cert,
  "ann.crt": ann.cert,
  "ann.key": ann.key,
  "bot.crt": bot.cert,
  "bot.key": bot.key,
  "nobody.crt": nobody.cert,
  "nobody.key": nobody.key,
  "stranger.crt": stranger.cert,
  "stranger.key": stranger.key,
  "chain.crt": `${ann.cert}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`,
  "ann.header": `Authorization: Bearer ${keys.ann.token}\n`,
  "empty.pem": "",
  "secret.pem": "hunter2",
});
const at = (name: string): string => join(folder, name);

const rules = `
client_certificates:
  - common_name: "{name}"
    organizational_unit: people
    kind: user
    value: "{name}@example.com"
  - common_name: "{host}"
    organizational_unit: bots
    kind: bot
    value: "{host}"
`;

const ports = await openPorts({
  options: readServerOptions({
    env: { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" },
    flags: {
      listen: "127.0.0.1:0",
      metrics_listen: "off",
      shutdown_grace: "0s",
      tls_cert_file: at("server.crt"),
      tls_key_file: at("server.key"),
      tls_client_ca_file: at("client-ca.crt"),
    },
    file: { path: "options.yaml", text: rules },
  }),
  tls: {
    certFile: at("server.crt"),
    keyFile: at("server.key"),
    clientCaFile: at("client-ca.crt"),
  },
  log: memoryLog().log,
  commands: {
    replica: createFakeReplica(createState()),
    clock: () => new Date(),
  } as unknown as CommandDeps,
  onKeyUse: () => {},
});
after(() => ports.close());

type Env = Readonly<Record<string, string>>;

/** Asks the server whether the peer may make a task in pool `ci`, as Ann may and the bot may not. */
function ask(args: readonly string[], env: Env = {}): Promise<CliResult> {
  const question = ["check", "pool", "ci", "--permission", "swarming.pools.createTask"];
  const where = ["--endpoint", ports.url, "--ca-file", at("server-ca.crt")];
  return runCli([...question, ...where, ...args], { env });
}

function pair(cert: string, key = cert): readonly string[] {
  return ["--client-cert-file", at(`${cert}.crt`), "--client-key-file", at(`${key}.key`)];
}

const permitted = { code: 0, stdout: "permitted\n", stderr: "" };

describe("--client-cert-file and --client-key-file", () => {
  it("prove who asks, without any other credential", async () => {
    assert.deepEqual(await ask(pair("ann")), permitted);
    assert.equal((await ask(pair("bot"))).code, 1, "another certificate is somebody else");
    assert.equal((await ask([])).code, 4, "nobody without one");
  });

  it("may be named by the environment, each by itself; the option goes first", async () => {
    const env = {
      FLEETGATE_CLIENT_CERT_FILE: at("ann.crt"),
      FLEETGATE_CLIENT_KEY_FILE: at("ann.key"),
    };
    assert.deepEqual(await ask([], env), permitted);
    assert.deepEqual(
      await ask(["--client-key-file", at("ann.key")], {
        ...env,
        FLEETGATE_CLIENT_KEY_FILE: "none",
      }),
      permitted,
    );
    assert.equal((await ask(pair("bot"), env)).code, 1);
    const empty = { FLEETGATE_CLIENT_CERT_FILE: "", FLEETGATE_CLIENT_KEY_FILE: "" };
    assert.deepEqual(await ask(pair("ann"), empty), permitted);
    assert.equal((await ask([], empty)).code, 4);
  });

  it("go with a header file, whose bearer then says who asks", async () => {
    const header = ["--header-file", at("ann.header")];
    assert.deepEqual(await ask([...pair("bot"), ...header]), permitted);
    const refused = await ask([...pair("stranger"), ...header]);
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, /\nhint: the certificate in \S+stranger\.crt .*ann\.header/);
  });

  for (const [what, name] of [
    ["that no rule fits", "nobody"],
    ["of another authority", "stranger"],
  ] as const) {
    it(`end with 4 and name the file for a certificate ${what}`, async () => {
      const { code, stdout, stderr } = await ask(pair(name));
      assert.deepEqual([code, stdout], [4, ""]);
      assert.match(stderr, /^error: a valid credential is required/);
      assert.match(stderr, new RegExp(`\\nhint: the certificate in \\S+${name}\\.crt `));
      const json = await ask([...pair(name), "--json"]);
      const status = JSON.parse(json.stdout) as {
        readonly code: number;
        readonly details: readonly { readonly reason: string }[];
      };
      assert.deepEqual([status.code, status.details[0]?.reason], [16, "CREDENTIAL_REQUIRED"]);
    });
  }
});

describe("a client certificate ends with 2", () => {
  const cases: readonly [what: string, args: readonly string[], message: RegExp, env?: Env][] = [
    [
      "without its key",
      ["--client-cert-file", at("ann.crt")],
      /--client-cert-file: it wants the key/,
    ],
    [
      "that is only a key",
      ["--client-key-file", at("ann.key")],
      /--client-key-file: it wants the cert/,
    ],
    [
      "of which a variable names a half",
      [],
      /\$FLEETGATE_CLIENT_CERT_FILE: it wants the key/,
      { FLEETGATE_CLIENT_CERT_FILE: at("ann.crt") },
    ],
    [
      "with the key of another",
      pair("ann", "bot"),
      /--client-key-file: \S+bot\.key is not the key/,
    ],
    [
      "that does not exist",
      pair("none", "ann"),
      /--client-cert-file: cannot read \S+none\.crt: it d/,
    ],
    [
      "whose key does not exist",
      pair("ann", "none"),
      /--client-key-file: cannot read \S+none\.key/,
    ],
    [
      "whose key does not exist where a variable says",
      ["--client-cert-file", at("ann.crt")],
      /\$FLEETGATE_CLIENT_KEY_FILE: cannot read \S+none/,
      { FLEETGATE_CLIENT_KEY_FILE: at("none") },
    ],
    [
      "that is none",
      ["--client-cert-file", at("secret.pem"), "--client-key-file", at("ann.key")],
      /--client-cert-file: \S+secret\.pem holds no certificate/,
    ],
    [
      "whose file is empty",
      ["--client-cert-file", at("empty.pem"), "--client-key-file", at("ann.key")],
      /--client-cert-file: \S+empty\.pem holds no certificate/,
    ],
    [
      "whose key is none",
      ["--client-cert-file", at("ann.crt"), "--client-key-file", at("secret.pem")],
      /--client-key-file: \S+secret\.pem holds no private key/,
    ],
    [
      "with files the wrong way round",
      ["--client-cert-file", at("ann.key"), "--client-key-file", at("ann.crt")],
      /--client-cert-file: \S+ann\.key holds no certificate/,
    ],
    [
      "with a broken chain",
      ["--client-cert-file", at("chain.crt"), "--client-key-file", at("ann.key")],
      /--client-cert-file: \S+chain\.crt and its key cannot be used/,
    ],
    ["of an empty name", ["--client-cert-file", "", "--client-key-file", ""], /--client-cert-file/],
    [
      "for an endpoint without TLS",
      [...pair("ann"), "--endpoint", "http://127.0.0.1:1"],
      /--client-cert-file: .*https:\/\//,
    ],
  ];
  for (const [what, args, message, env] of cases) {
    it(`${what}, naming the option and nothing of the content`, async () => {
      const { code, stdout, stderr } = await ask(args, env);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, /^error: /);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /hunter2|BEGIN|asn1|\n\s+at /i);
      const body = ann.key.split("\n")[1] ?? assert.fail("the key has no body");
      assert.ok(!stderr.includes(body.slice(0, 16)));
    });
  }
});
