import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createHttpProbes } from "../../src/server/http-probes.ts";
import { callHttp2, connectHttp2, openTestListener, respond } from "./support/test-listener.ts";

describe("createHttpProbes", () => {
  let ready = true;
  const handler = createHttpProbes(
    () => ready,
    (_, response) => respond(response, 418, "rpc"),
  );

  it("says that the process lives and whether it is ready, on both protocols", async (t) => {
    const { url } = await openTestListener(t, { handler });
    const session = await connectHttp2(t, url);
    const get = async (path: string) => {
      const answer = await fetch(`${url}${path}`);
      const over1 = { status: answer.status, body: await answer.text() };
      assert.equal(answer.headers.get("cache-control"), "no-store");
      assert.deepEqual(await callHttp2(session, { ":path": path }), over1);
      return over1;
    };
    ready = true;
    assert.deepEqual(await get("/healthz"), { status: 200, body: "ok\n" });
    assert.deepEqual(await get("/readyz"), { status: 200, body: "ready\n" });
    assert.deepEqual(await get("/readyz?verbose"), { status: 200, body: "ready\n" });
    ready = false;
    assert.deepEqual(await get("/healthz"), { status: 200, body: "ok\n" });
    assert.deepEqual(await get("/readyz"), { status: 503, body: "not ready\n" });
  });

  it("answers HEAD without a body", async (t) => {
    const { url } = await openTestListener(t, { handler });
    ready = false;
    const answer = await fetch(`${url}/readyz`, { method: "HEAD" });
    assert.deepEqual([answer.status, await answer.text()], [503, ""]);
    const session = await connectHttp2(t, url);
    const head = await callHttp2(session, { ":path": "/healthz", ":method": "HEAD" });
    assert.deepEqual(head, { status: 200, body: "" });
  });

  it("hands every other request on", async (t) => {
    const { url } = await openTestListener(t, { handler });
    for (const [method, path] of [
      ["POST", "/healthz"],
      ["PUT", "/readyz"],
      ["GET", "/"],
      ["GET", "/healthz/"],
      ["GET", "/readyzz"],
    ] as const) {
      assert.equal((await fetch(`${url}${path}`, { method })).status, 418, `${method} ${path}`);
    }
  });
});
