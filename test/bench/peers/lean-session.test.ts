import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { decodeHuffman } from "../../../bench/peers/load/huffman.ts";
import {
  openLeanSession,
  type Answer,
  type LeanSession,
} from "../../../bench/peers/load/lean-session.ts";
import { parseH2load } from "../../../bench/peers/load/h2load.ts";

describe("decodeHuffman", () => {
  // RFC 7541, C.4 and C.6.
  for (const [code, text] of [
    ["f1e3c2e5f23a6ba0ab90f4ff", "www.example.com"],
    ["d07abe941054d444a8200595040b8166e082a62d1bff", "Mon, 21 Oct 2013 20:13:21 GMT"],
  ] as const) {
    test(`reads ${text}`, () => {
      const bytes = Buffer.from(code, "hex");
      assert.equal(decodeHuffman(bytes, 0, bytes.length), text);
    });
  }
});

describe("openLeanSession", () => {
  let server: Http2Server;
  let session: LeanSession;
  const seen: string[] = [];

  before(async () => {
    server = createServer();
    server.on("stream", (stream, headers) => {
      seen.push(String(headers[":path"]));
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => answer(stream, Buffer.concat(chunks), String(headers["x-echo"])));
      stream.on("error", () => undefined);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const headers = { "x-echo": "hello", authorization: "Bearer x".padEnd(300, "y") };
    session = await openLeanSession({ port, path: "/a/b", headers, keepBodies: true });
  });
  after(async () => {
    await session.close();
    server.close();
  });

  /** Answers what the body asks for. */
  function answer(stream: ServerHttp2Stream, body: Buffer, echo: string): void {
    const text = body.toString("latin1");
    if (text === "reset") {
      stream.close(2);
    } else if (text === "denied") {
      stream.respond({
        ":status": 200,
        "grpc-status": "7",
        "x-id": randomBytes(200).toString("hex"),
      });
      stream.end();
    } else if (text === "forbidden") {
      stream.respond({ ":status": 403 });
      stream.end("no");
    } else {
      stream.respond(
        { ":status": 200, "x-id": randomBytes(100).toString("hex") },
        { waitForTrailers: true },
      );
      stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.concat([Buffer.from(echo), body]));
    }
  }

  const call = (body: string | Buffer): Promise<Answer> =>
    new Promise((resolve) => session.call(Buffer.from(body as string, "latin1"), resolve));

  test("hears the status of HTTP and of gRPC, and the body, on one connection again and again", async () => {
    // The headers of each answer are new ones, so that the table of the connection turns over.
    for (let round = 0; round < 60; round += 1) {
      const { http, grpc, body, failure } = await call(`round ${round}`);
      assert.deepEqual([http, grpc, failure], ["200", "0", ""]);
      assert.equal(body.toString(), `helloround ${round}`);
    }
    const denied = await call("denied");
    assert.deepEqual([denied.http, denied.grpc, denied.failure], ["200", "7", ""]);
    const forbidden = await call("forbidden");
    assert.deepEqual([forbidden.http, forbidden.grpc], ["403", ""]);
    assert.ok(seen.every((path) => path === "/a/b"));
  });

  test("sends and takes more than a window allows at once", async () => {
    const bodies = Array.from({ length: 8 }, () => randomBytes(300_000));
    const answers = await Promise.all(bodies.map((body) => call(body)));
    answers.forEach(({ body, failure }, index) => {
      assert.equal(failure, "");
      assert.ok(body.subarray(5).equals(bodies[index] ?? Buffer.alloc(0)));
    });
  });

  test("says that a call was reset", async () => {
    assert.match((await call("reset")).failure, /reset, error 2/);
  });
});

describe("parseH2load", () => {
  const output = (failed: number, good: number): string => `finished in 1.00s, 99.00 req/s
requests: 164 total, 164 started, 100 done, 100 succeeded, ${failed} failed, 0 errored, 0 timeout
status codes: ${good} 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 1.50KB (1536) total, 900B (900) headers (space savings 90.00%), 1.46KB (1500) data`;

  test("reads calls and bytes", () => {
    assert.deepEqual(parseH2load(output(0, 100), 1), { calls: 100, seconds: 1, dataBytes: 1500 });
  });

  test("refuses a run in which a call failed, or that says nothing", () => {
    assert.throws(() => parseH2load(output(1, 100), 1), /not every call/);
    assert.throws(() => parseH2load(output(0, 99), 1), /not every call/);
    assert.throws(() => parseH2load("", 1), /not every call/);
  });
});
