import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canary, file, problems, read, url } from "./support/read-options.ts";

describe("readServerOptions", () => {
  it("has a default for everything but the database", () => {
    assert.deepEqual(read({}), {
      listen: { host: "127.0.0.1", port: 8080 },
      reusePort: false,
      metrics: { host: "127.0.0.1", port: 9464 },
      database: { kind: "postgres", url },
      tls: undefined,
      allowAnonymous: false,
      jwtIssuers: [],
      clientCertificates: [],
      maxStalenessMs: 86_400_000,
      snapshotFile: undefined,
      freshnessWaitMs: 1000,
      pollIntervalMs: 1000,
      notify: true,
      outageGraceMs: 300_000,
      ignoreGates: false,
      auditRetentionMs: 7_776_000_000,
      signingKeysDir: undefined,
      signingKeys: undefined,
      maxCallTimeoutMs: 3_600_000,
      shutdownGraceMs: 10_000,
      fastPath: true,
      logLevel: "info",
      logCalls: false,
      limits: {
        maxConnections: 4096,
        maxStreams: 250,
        maxHeaderBytes: 16_384,
        idleTimeoutMs: 300_000,
        requestTimeoutMs: 60_000,
        headersTimeoutMs: 10_000,
        maxConnectionAgeMs: 1_800_000,
        connectionAgeGraceMs: 60_000,
      },
    });
  });

  it("takes a flag before a variable, that before the file, and that before the default", () => {
    const sources = {
      flags: { log_level: "error" },
      env: { DATABASE_URL: url, FLEETGATE_LOG_LEVEL: "warn", FLEETGATE_MAX_STREAMS: "11" },
      file: file("log_level: debug\nmax_streams: 12\nmax_connections: 13\n"),
    };
    const options = read(sources);
    assert.equal(options.logLevel, "error");
    assert.equal(options.limits.maxStreams, 11);
    assert.equal(options.limits.maxConnections, 13);
  });

  it("reads every kind of value from a file", () => {
    const options = read({
      env: {},
      file: file(
        [
          "# comment",
          'listen: "[::1]:0"',
          "metrics_listen: off",
          "embedded: data dir",
          "allow_anonymous: true",
          "max_staleness: 90m",
          "max_connection_age: off",
          "log_calls: true",
        ].join("\n"),
      ),
    });
    assert.deepEqual(options.listen, { host: "::1", port: 0 });
    assert.equal(options.metrics, undefined);
    assert.deepEqual(options.database, { kind: "embedded", directory: "data dir" });
    assert.equal(options.allowAnonymous, true);
    assert.equal(options.maxStalenessMs, 5_400_000);
    assert.equal(options.limits.maxConnectionAgeMs, undefined);
    assert.equal(options.logCalls, true);
  });

  it("reads notify as on or off, or as true or false, from everywhere", () => {
    for (const [text, notify] of [
      ["on", true],
      ["true", true],
      ["off", false],
      ["false", false],
    ] as const) {
      assert.equal(read({ flags: { notify: text } }).notify, notify);
      assert.equal(read({ env: { DATABASE_URL: url, FLEETGATE_NOTIFY: text } }).notify, notify);
      assert.equal(read({ file: file(`notify: ${text}\n`) }).notify, notify);
    }
  });

  it("accepts an empty file", () => {
    assert.equal(read({ file: file("") }).limits.maxStreams, 250);
    assert.equal(read({ file: file("# nothing\n") }).limits.maxStreams, 250);
  });

  it("reads TLS files", () => {
    const flags = { tls_cert_file: "c.pem", tls_key_file: "k.pem" };
    assert.deepEqual(read({ flags }).tls, {
      certFile: "c.pem",
      keyFile: "k.pem",
      clientCaFile: undefined,
    });
  });

  it("reads that the certificate is the server's own, and where it is kept", () => {
    const flags = { tls_self_signed: "true" };
    assert.deepEqual(read({ flags }).tls, { kept: undefined, clientCaFile: undefined });
    assert.deepEqual(problems({ flags: { ...flags, tls_cert_file: "c.pem" } }), [
      "tls_cert_file and tls_key_file: give both, or neither for a certificate that each start makes anew",
    ]);
    const files = { tls_cert_file: "c.pem", tls_key_file: "k.pem" };
    assert.deepEqual(read({ flags: { ...flags, ...files } }).tls, {
      kept: { certFile: "c.pem", keyFile: "k.pem" },
      clientCaFile: undefined,
    });
  });

  it("tells all problems at once, each with its place", () => {
    assert.deepEqual(
      problems({
        flags: { listen: "nowhere", allow_anonymous: "yes", maxStreams: "5" },
        env: {
          DATABASE_URL: url,
          FLEETGATE_MAX_STREAMS: "0",
          FLEETGATE_LOG_LEVEL: "",
          FLEETGATE_POLL_INTERVALL: "5s",
        },
        file: file(
          "tls_key_file: k.pem\nidle_timeout: 5\nrequest_timout: 5s\nmax_staleness: [1h]\n",
        ),
      }),
      [
        'fleetgate.server.yaml:3:1: "request_timout" is no option; did you mean "request_timeout"?',
        'fleetgate.server.yaml:4:1: "max_staleness" must have one value, not a list, a mapping or nothing',
        '"FLEETGATE_POLL_INTERVALL" is no option; did you mean "FLEETGATE_POLL_INTERVAL"?',
        'flag "maxStreams" is no option; did you mean "max_streams"?',
        "--listen: must be host:port, such as 127.0.0.1:8080 or [::1]:8080, with a port from 0 (any free one) to 65535",
        "--allow-anonymous: must be true or false",
        "FLEETGATE_MAX_STREAMS: must be a whole number from 1 to 10000",
        "fleetgate.server.yaml:2:1: idle_timeout: must be a whole number with a unit of ms, s, m, h or d, from 1s to 24h",
        "FLEETGATE_LOG_LEVEL: must be silent, error, warn, info or debug",
        "tls_cert_file and tls_key_file: give both, or neither for cleartext",
      ],
    );
  });

  it("shows no value, since a secret may stand in the wrong place", () => {
    problems({ flags: { listen: url, max_streams: canary, log_level: canary } });
    problems({ env: { DATABASE_URL: `mysql://u:${canary}@h/d` } });
    problems({ file: file(`database_url: ["${canary}"\n`) });
    problems({ file: file(`database_url: "${canary}\nlisten: x`) });
    problems({ file: file(`database_url: *${canary}`) });
    problems({ file: file(`- ${canary}`) });
    problems({ file: file(canary) });
    problems({ flags: { database_url: url } });
  });

  it("refuses a file that is no flat mapping", () => {
    for (const text of [
      "- a",
      "text",
      "listen:\n  host: a",
      "listen:",
      "? [a]\n: b",
      "a: 1\n a: 2",
    ]) {
      assert.ok(
        problems({ file: file(text) }).every((line) => line.startsWith("fleetgate.server")),
      );
    }
    assert.match(
      problems({ file: file("max_streams: 1\nmax_streams: 2") }).join(),
      /:2:1: .*twice/,
    );
  });

  it("takes a variable that nobody reads for a mistake", () => {
    const env = { DATABASE_URL: url, FLEETGATE_API_KEY: "x" };
    assert.deepEqual(problems({ env }), ['"FLEETGATE_API_KEY" is no option']);
  });

  it("leaves alone the variables of clients, of tests and of Kubernetes", () => {
    read({
      env: {
        DATABASE_URL: url,
        FLEETGATE_ENDPOINT: "x",
        FLEETGATE_HEADER_FILE: "x",
        FLEETGATE_CLIENT_CERT_FILE: "x",
        FLEETGATE_CLIENT_KEY_FILE: "x",
        FLEETGATE_TLS_FINGERPRINT: "x",
        FLEETGATE_TEST_DATABASE_URL: "x",
        FLEETGATE_SERVICE_HOST: "10.0.0.1",
        FLEETGATE_SERVICE_PORT_GRPC: "8080",
        FLEETGATE_PORT: "tcp://10.0.0.1:8080",
        FLEETGATE_PORT_8080_TCP_ADDR: "10.0.0.1",
        OTHER: "x",
      },
    });
  });
});
