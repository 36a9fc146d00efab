import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http2";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { letGoOfStreams } from "../../src/server/session-streams.ts";
import { connectHttp2 } from "./support/test-listener.ts";

describe("letGoOfStreams", { timeout: 30_000 }, () => {
  it("knows how the Node that runs keeps streams", async (t) => {
    const server = createServer();
    t.after(() => server.close());
    const known: boolean[] = [];
    server.on("session", (session) => {
      known.push(letGoOfStreams(session), letGoOfStreams(session));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    const opened = once(server, "session");
    const session = await connectHttp2(t, `http://127.0.0.1:${address.port}`);
    await opened;
    session.close();
    // The second time there is nothing to do any more.
    assert.deepEqual(known, [true, false]);
  });

  it("lets the garbage of a long connection be collected while it is young", async () => {
    const program = new URL("support/stream-garbage.ts", import.meta.url).pathname;
    const args = ["--expose-gc", "--min-semi-space-size=16", "--max-semi-space-size=16", program];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    assert.match(stdout, /^-?\d+(?:\.\d+)?\n$/);
    // Those that are under way at a collection. Without the table 750 bytes, and 1,400 with lists made old by V8.
    assert.ok(Math.abs(Number(stdout)) < 450, `a call leaves ${stdout.trim()} bytes that are old`);
  });
});
