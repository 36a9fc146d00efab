import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import type { ServerHttp2Stream } from "node:http2";
import { after, before, describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectBy, failureOf, transports } from "../../support/node-client.ts";
import { literalHeaders, startRaw } from "../../support/raw-server.ts";
import { startScripted, type Script, type ScriptedServer } from "../../support/scripted-server.ts";

let server: ScriptedServer;
before(async () => {
  server = await startScripted();
});
after(() => server.close());

/** CheckServerPermResponse with the revision token "t". */
const permit = Buffer.of(0x0a, 1, 0x74);

const answer: Script = [
  { do: "respond", headers: { ":status": 200, "content-type": "application/proto" } },
  { do: "write", bytes: permit },
  { do: "end" },
];

/** The stream of the next request at the server. */
function nextRequest(): Promise<ServerHttp2Stream> {
  return new Promise((resolve) => {
    server.onRequest = resolve;
  });
}

for (const transport of transports) {
  const connect = connectBy(transport);

  describe(`a call by the ${transport} transport`, () => {
    it("leaves nothing at the signal of the caller, however it ends", async () => {
      const { acl } = connect([server.url]);
      const { signal } = new AbortController();
      server.script = answer;
      await acl.checkServerPerm({}, { signal });
      server.script = [{ do: "respond", headers: { ":status": 403 } }, { do: "end" }];
      await failureOf(acl.checkServerPerm({}, { signal }));
      assert.equal(getEventListeners(signal, "abort").length, 0);
    });

    for (const [reason, code] of [
      [new ConnectError("not wanted", Code.Canceled), 8],
      [new ConnectError("not wanted", Code.Aborted), 2],
    ] as const) {
      it(`that the caller aborts as ${Code[reason.code]} resets its stream with ${code}`, async () => {
        const { acl } = connect([server.url]);
        server.script = [];
        const aborting = new AbortController();
        const arrived = nextRequest();
        const call = failureOf(acl.checkServerPerm({}, { signal: aborting.signal }));
        const stream = await arrived;
        const closed = new Promise((resolve) => stream.once("close", resolve));
        aborting.abort(reason);
        assert.equal((await call).code, reason.code);
        await closed;
        assert.equal(stream.rstCode, code);
      });
    }
  });
}

describe("a call by the lean transport", () => {
  it("that has ended before there is a connection is never sent", async () => {
    const { acl } = connectBy("lean")([server.url]);
    server.script = answer;
    server.seen.length = 0;
    const aborting = new AbortController();
    const headers = { "x-call": "aborted" };
    const call = failureOf(acl.checkServerPerm({}, { signal: aborting.signal, headers }));
    aborting.abort();
    assert.equal((await call).code, Code.Canceled);
    await acl.checkServerPerm({});
    assert.deepEqual(
      server.seen.map((request) => request.headers["x-call"]),
      [undefined],
    );
  });

  it("makes headers and trailers for who asks for them", async () => {
    const { acl } = connectBy("lean")([server.url]);
    const headers = { ":status": 200, "content-type": "application/proto", "trailer-x": "1" };
    server.script = [{ do: "respond", headers }, { do: "write", bytes: permit }, { do: "end" }];
    const got: (string | null)[] = [];
    await acl.checkServerPerm(
      {},
      {
        onHeader: (all) => got.push(all.get("content-type"), all.get("trailer-x")),
        onTrailer: (all) => got.push(all.get("x")),
      },
    );
    assert.deepEqual(got, ["application/proto", null, "1"]);
  });

  it("is not answered by less than the server promised", async () => {
    const raw = await startRaw([
      {
        type: "headers",
        payload: literalHeaders([
          [":status", "200"],
          ["content-type", "application/proto"],
          ["content-length", "9"],
        ]),
      },
      { type: "data", payload: Buffer.from("\x0a\x01a") },
      { type: "reset", payload: Buffer.alloc(4) },
    ]);
    try {
      const texts: string[] = [];
      for (const transport of transports) {
        const { acl } = connectBy(transport)([raw.url], { retry: { rounds: 1 } });
        texts.push((await failureOf(acl.checkServerPerm({}))).message);
      }
      const text = "[invalid_argument] protocol error: promised 9 bytes, received 3";
      assert.deepEqual(texts, [text, text]);
    } finally {
      raw.close();
    }
  });
});
