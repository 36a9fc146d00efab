import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { ListenError } from "../../src/server/listen.ts";
import { openMetricsListener } from "../../src/server/metrics-listener.ts";
import { memoryLog } from "./support/memory-log.ts";
import { connectRaw } from "./support/raw-client.ts";

const timeout = 30_000;

async function open(t: TestContext, render = () => Promise.resolve("a 1\n"), isReady = () => true) {
  const memory = memoryLog();
  const listener = await openMetricsListener({
    host: "127.0.0.1",
    port: 0,
    metrics: { render, contentType: "text/plain; version=0.0.4" },
    isReady,
    log: memory.log,
  });
  t.after(() => listener.close());
  return { ...listener, memory };
}

describe("openMetricsListener", { timeout }, () => {
  it("answers GET /metrics and the probes, and nothing else", async (t) => {
    const { url } = await open(t);
    const answer = await fetch(url);
    assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4");
    assert.equal(await answer.text(), "a 1\n");
    assert.equal((await fetch(url, { method: "POST", body: "x" })).status, 405);
    for (const path of ["/", "/metrics/", "/metrics?x", "/healthz/"]) {
      const other = await fetch(new URL(path, url));
      assert.deepEqual([other.status, await other.text()], [404, ""], path);
    }
  });

  it("tells by the probes how this process is, whoever else serves the same port", async (t) => {
    let ready = true;
    const { url } = await open(t, undefined, () => ready);
    const probe = async (path: string) => (await fetch(new URL(path, url))).status;
    assert.deepEqual([await probe("/healthz"), await probe("/readyz")], [200, 200]);
    ready = false;
    assert.deepEqual([await probe("/healthz"), await probe("/readyz")], [200, 503]);
  });

  it("answers 500 without a cause when the metrics fail, and logs the cause", async (t) => {
    const { url, memory } = await open(t, () => Promise.reject(new Error("broken")));
    const answer = await fetch(url);
    assert.deepEqual([answer.status, await answer.text()], [500, ""]);
    assert.match(memory.text(), /broken/);
  });

  it("refuses large headers", async (t) => {
    const { url } = await open(t);
    assert.equal((await fetch(url, { headers: { a: "x".repeat(10_000) } })).status, 431);
  });

  it("closes with its connections, more than once", async (t) => {
    const listener = await open(t);
    const client = await connectRaw(t, listener.port);
    await Promise.all([listener.close(), listener.close()]);
    await client.closed();
  });

  it("says what to do when the address is in use", async (t) => {
    const { port, memory } = await open(t);
    await assert.rejects(
      openMetricsListener({
        host: "127.0.0.1",
        port,
        metrics: { render: () => Promise.resolve(""), contentType: "" },
        isReady: () => true,
        log: memory.log,
      }),
      ListenError,
    );
  });
});
