import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { file, problems, read, url } from "./support/read-options.ts";

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

describe("reuse_port", () => {
  it("is off unless it is set, and wants a port and a database that can be shared", () => {
    assert.equal(read({}).reusePort, false);
    const shared = { reuse_port: "true", metrics_listen: "off" };
    assert.equal(read({ flags: shared }).reusePort, true);
    const env = { DATABASE_URL: url, FLEETGATE_REUSE_PORT: "true" };
    assert.equal(read({ env, flags: { metrics_listen: "127.0.0.1:9461" } }).reusePort, true);
    assert.equal(read({ file: file("reuse_port: true\nmetrics_listen: off\n") }).reusePort, true);
    assert.deepEqual(problems({ flags: { reuse_port: "true" } }), [
      "reuse_port: give metrics_listen too, since each process needs one of its own; off if there is none",
    ]);
    assert.deepEqual(problems({ flags: { ...shared, listen: "127.0.0.1:0" } }), [
      "listen and reuse_port: give the port that the processes share; 0 gives each a port of its own",
    ]);
    assert.deepEqual(problems({ env: {}, flags: { embedded: "dir", ...shared } }), [
      "reuse_port: leave it out with the embedded database, which one process has for itself",
    ]);
    read({ flags: { reuse_port: "false", listen: "127.0.0.1:0" } });
    const own = { ...shared, listen: "127.0.0.1:1", tls_self_signed: "true" };
    assert.deepEqual(problems({ flags: own }), [
      "reuse_port and tls_self_signed: give tls_cert_file and tls_key_file too, or each process shows another certificate",
    ]);
    read({ flags: { ...own, tls_cert_file: "c", tls_key_file: "k" } });
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
