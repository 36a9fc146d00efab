import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { readBody } from "../../src/rpc/transport/read-body.ts";
import type { ServerRequest } from "../../src/rpc/transport/server-request.ts";

/** A request that is nothing but a body in these pieces. */
function requestOf(contentType: string, pieces: readonly Uint8Array[]): ServerRequest {
  const body = Readable.from(pieces, { objectMode: false });
  const head = { headers: { "content-type": contentType }, aborted: false, complete: true };
  return Object.assign(body, head) as unknown as ServerRequest;
}

async function read(
  contentType: string,
  pieces: readonly Uint8Array[],
  maxBytes = 1000,
): Promise<Buffer[]> {
  const got: Buffer[] = [];
  for await (const piece of readBody(requestOf(contentType, pieces), maxBytes)) {
    got.push(Buffer.from(piece));
  }
  return got;
}

function envelope(size: number): Buffer {
  const bytes = Buffer.alloc(5 + size, size);
  bytes.writeUInt8(0, 0);
  bytes.writeUInt32BE(size, 1);
  return bytes;
}

const singles = (bytes: Buffer): Buffer[] => [...bytes].map((byte) => Buffer.from([byte]));

describe("readBody", () => {
  it("gives a plain body in one piece, however it arrives", async () => {
    const body = Buffer.from('{"pool":"ci"}');
    assert.deepEqual(await read("application/json", singles(body)), [body]);
    assert.deepEqual(await read("application/proto", singles(body)), [body]);
    assert.deepEqual(await read("application/json", []), []);
  });

  for (const type of [
    "application/grpc",
    "application/grpc-web+proto",
    "application/connect+json",
  ]) {
    it(`gives ${type} a whole message at a time, however it arrives`, async () => {
      const messages = [envelope(3), envelope(0), envelope(200)];
      assert.deepEqual(await read(type, singles(Buffer.concat(messages))), messages);
      const whole = await read(type, [Buffer.concat(messages)]);
      assert.deepEqual(whole, [Buffer.concat(messages)]);
    });
  }

  it("hands on a message that is too large as soon as it is known", async () => {
    const seen: number[] = [];
    const endless = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.from([0, 0, 0, 255]);
      yield Buffer.from([255]);
      assert.fail("read on");
    };
    const body = Object.assign(Readable.from(endless(), { highWaterMark: 1 }), {
      headers: { "content-type": "application/grpc" },
      aborted: false,
      complete: true,
    }) as unknown as ServerRequest;
    for await (const piece of readBody(body, 1000)) {
      seen.push(piece.length);
      break;
    }
    assert.deepEqual(seen, [5]);
    const [first] = await read("application/json", [Buffer.alloc(600), Buffer.alloc(600)], 1000);
    assert.equal(first?.length, 1200);
  });

  it("loses and invents nothing, however messages are cut into pieces", async () => {
    const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 20 });
    const sizes = fc.array(fc.nat({ max: 60 }), { maxLength: 8 });
    const property = fc.asyncProperty(sizes, cuts, fc.nat({ max: 4 }), async (all, at, more) => {
      const body = Buffer.concat([...all.map(envelope), Buffer.alloc(more)]);
      const ends = [...new Set([0, ...at.filter((cut) => cut < body.length), body.length])];
      const pieces = ends
        .sort((left, right) => left - right)
        .flatMap((end, index, list) => (index === 0 ? [] : [body.subarray(list[index - 1], end)]));
      for (const type of ["application/grpc", "application/json"]) {
        const got = await read(
          type,
          pieces.map((piece) => Buffer.from(piece)),
        );
        assert.deepEqual(Buffer.concat(got), body);
        assert.ok(got.length <= all.length + 1);
      }
    });
    await fc.assert(property, { numRuns: 200 });
  });
});
