import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OptionsError } from "../../src/server/options-error.ts";
import { readServerOptions } from "../../src/server/options.ts";
import {
  optionFlag,
  optionNames,
  optionsTable,
  optionVariable,
} from "../../src/server/options-table.ts";

type Sources = Parameters<typeof readServerOptions>[0];

const canary = "S3cretCanary";
const url = `postgres://fleetgate:${canary}@db.example.com/fleetgate`;

function read(sources: Partial<Sources>) {
  return readServerOptions({ env: { DATABASE_URL: url }, flags: {}, ...sources });
}

/** The problems of the sources, which must have some, and must show no secret. */
function problems(sources: Partial<Sources>): readonly string[] {
  try {
    read(sources);
  } catch (error) {
    assert.ok(error instanceof OptionsError);
    assert.ok(!error.message.includes(canary), error.message);
    return error.problems;
  }
  return assert.fail("there is no problem");
}

const file = (text: string) => ({ path: "fleetgate.server.yaml", text });

describe("readServerOptions", () => {
  it("has a default for everything but the database", () => {
    assert.deepEqual(read({}), {
      listen: { host: "127.0.0.1", port: 8080 },
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
      maxCallTimeoutMs: 3_600_000,
      shutdownGraceMs: 10_000,
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

describe("max_staleness and poll_interval", () => {
  it("leave room for one poll that fails", () => {
    const flags = { max_staleness: "2m", poll_interval: "1m" };
    assert.equal(read({ flags }).maxStalenessMs, 2 * read({ flags }).pollIntervalMs);
    for (const sources of [
      { flags: { max_staleness: "119s", poll_interval: "1m" } },
      { flags: { max_staleness: "1s" } },
      { env: { DATABASE_URL: url, FLEETGATE_MAX_STALENESS: "1s" } },
      { file: file("max_staleness: 1999ms\n") },
    ]) {
      assert.deepEqual(problems(sources), [
        "max_staleness and poll_interval: max_staleness must be at least twice poll_interval, or a healthy server is not ready between two polls",
      ]);
    }
  });

  it("are not compared when one of them is wrong by itself", () => {
    const wrong = problems({ flags: { max_staleness: "1s", poll_interval: "1h" } });
    assert.equal(wrong.length, 1);
    assert.match(wrong.join(), /^--poll-interval: must be/);
  });
});

describe("the choice of a database", () => {
  it("is necessary", () => {
    assert.match(
      problems({ env: {} }).join(),
      /no database: set DATABASE_URL .* or give --embedded/,
    );
    assert.match(problems({ env: { DATABASE_URL: "" } }).join(), /no database/);
  });

  it("is one", () => {
    assert.match(problems({ flags: { embedded: "dir" } }).join(), /choose one database: unset/);
    const { database } = read({ env: { DATABASE_URL: "" }, flags: { embedded: "dir" } });
    assert.deepEqual(database, { kind: "embedded", directory: "dir" });
  });

  it("is not told to be missing when it is only wrong", () => {
    assert.deepEqual(problems({ env: { DATABASE_URL: "host=a" } }), [
      "DATABASE_URL: must be a URL that begins with postgres:// or postgresql://",
    ]);
  });

  it("goes with loopback addresses only when it is the embedded one", () => {
    const embedded = (flags: Record<string, string>) => ({
      env: {},
      flags: { embedded: "dir", ...flags },
    });
    for (const listen of ["127.0.0.1:1", "127.8.8.8:1", "[::1]:1", "localhost:1"]) {
      read(embedded({ listen, metrics_listen: listen }));
    }
    for (const listen of [
      "0.0.0.0:1",
      "[::]:1",
      "10.0.0.1:1",
      "example.com:1",
      "127.0.0.1.evil:1",
    ]) {
      assert.match(problems(embedded({ listen })).join(), /^listen: must be a loopback address/);
      assert.match(
        problems(embedded({ metrics_listen: listen })).join(),
        /^metrics_listen: must be/,
      );
    }
  });
});

describe("snapshot_file", () => {
  it("is off unless it is set, and only for Postgres", () => {
    assert.equal(read({}).snapshotFile, undefined);
    const path = "/var/lib/fleetgate/snapshot";
    const env = { DATABASE_URL: url, FLEETGATE_SNAPSHOT_FILE: path };
    assert.equal(read({ env }).snapshotFile, path);
    assert.deepEqual(problems({ env: {}, flags: { embedded: "dir", snapshot_file: path } }), [
      "snapshot_file: leave it out with the embedded database, which is never down while the server is up",
    ]);
  });
});

describe("the kinds of options", () => {
  const accepted: readonly (readonly [string, string])[] = [
    ["listen", "0.0.0.0:65535"],
    ["listen", "fleetgate.example.com:443"],
    ["max_staleness", "30d"],
    ["freshness_wait", "0s"],
    ["poll_interval", "100ms"],
    ["max_header_bytes", "1024"],
    ["metrics_listen", "off"],
    ["log_level", "silent"],
  ];
  for (const [name, text] of accepted) {
    it(`accept ${name} ${text}`, () => void read({ flags: { [name]: text } }));
  }

  const refused: readonly (readonly [string, string])[] = [
    ["listen", "127.0.0.1"],
    ["listen", ":8080"],
    ["listen", "127.0.0.1:65536"],
    ["listen", "::1:8080"],
    ["listen", "a b:80"],
    ["listen", "off"],
    ["max_staleness", "31d"],
    ["max_staleness", "0s"],
    ["freshness_wait", "-1s"],
    ["freshness_wait", "1.5s"],
    ["freshness_wait", "1 s"],
    ["freshness_wait", "1S"],
    ["poll_interval", "99ms"],
    ["poll_interval", "1"],
    ["max_connections", "1e3"],
    ["max_connections", "0x10"],
    ["max_connections", "-5"],
    ["max_connections", " 5"],
    ["allow_anonymous", "True"],
    ["allow_anonymous", "on"],
    ["notify", "Off"],
    ["notify", "no"],
    ["notify", "0"],
    ["log_level", "verbose"],
    ["embedded", ""],
  ];
  for (const [name, text] of refused) {
    it(`refuse ${name} ${JSON.stringify(text)}`, () => {
      assert.match(problems({ flags: { [name]: text } }).join("\n"), /^--[a-z-]+: must be /m);
    });
  }
});

describe("optionsTable", () => {
  it("has defaults that are good values", () => {
    for (const name of optionNames) {
      const { kind, preset } = optionsTable[name];
      if (preset !== undefined) assert.notEqual(kind.parse(preset), undefined, name);
    }
  });

  it("gives no flag to what may hold a secret", () => {
    assert.equal(optionFlag("database_url"), undefined);
    assert.equal(optionFlag("max_staleness"), "--max-staleness");
    assert.equal(optionVariable("database_url"), "DATABASE_URL");
    assert.equal(optionVariable("max_staleness"), "FLEETGATE_MAX_STALENESS");
  });
});
