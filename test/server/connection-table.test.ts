import assert from "node:assert/strict";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import { createConnectionTable, type Connection } from "../../src/server/connection-table.ts";
import type { ConnectionLimits } from "../../src/server/connection-limits.ts";

const limits: ConnectionLimits = {
  maxConnections: 10,
  maxStreams: 10,
  maxHeaderBytes: 8192,
  idleTimeoutMs: 1000,
  requestTimeoutMs: 1000,
  headersTimeoutMs: 1000,
  maxConnectionAgeMs: undefined,
  connectionAgeGraceMs: 1000,
};

function connection(protocol: Connection["protocol"]): Connection & { retired: number } {
  return {
    protocol,
    retired: 0,
    retire() {
      this.retired += 1;
    },
    sweep() {},
  };
}

describe("createConnectionTable", () => {
  it("counts connections by what they speak now", async (t) => {
    const table = createConnectionTable(limits);
    t.after(() => table.close());
    const socket = new Socket();
    table.put(socket, connection("undecided"));
    table.put(new Socket(), connection("http1"));
    assert.deepEqual([table.count("undecided"), table.count("http1")], [1, 1]);
    table.put(socket, connection("http2"));
    assert.deepEqual([table.count("undecided"), table.count("http2")], [0, 1]);
    table.destroyAll();
    await table.whenEmpty();
    assert.equal(table.count("http2"), 0);
  });

  it("retires every connection once, and those that come later on arrival", (t) => {
    const table = createConnectionTable(limits);
    t.after(() => table.close());
    const [early, late] = [connection("http1"), connection("http2")];
    table.put(new Socket(), early);
    table.retireAll();
    table.retireAll();
    table.put(new Socket(), late);
    table.retireAll();
    assert.deepEqual([early.retired, late.retired], [1, 1]);
    table.destroyAll();
  });

  it("spreads the ends of connections that began together", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    let now = 1000;
    t.mock.method(performance, "now", () => now);
    const randoms = [0, 0.999];
    const table = createConnectionTable(
      { ...limits, maxConnectionAgeMs: 10_000, connectionAgeGraceMs: 60_000 },
      () => randoms.shift() ?? 0,
    );
    t.after(() => table.close());
    const [first, second] = [connection("http2"), connection("http2")];
    table.put(new Socket(), first);
    table.put(new Socket(), second);
    now += 9000;
    t.mock.timers.tick(1000);
    assert.deepEqual([first.retired, second.retired], [1, 0]);
    now += 2000;
    t.mock.timers.tick(1000);
    assert.deepEqual([first.retired, second.retired], [1, 1]);
    table.destroyAll();
    await table.whenEmpty();
  });
});
