import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import http2 from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import { describe, it } from "node:test";
import { AclService } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { aclChecks } from "../../../src/rpc/acl/checks.ts";
import { frame, literal } from "../support/raw-http2.ts";
import { compare } from "./support/compare.ts";
import { bodyOf, forms, headersOf, makeCase } from "./support/make-case.ts";
import { there } from "./support/talk.ts";
import { openTwins } from "./support/twins.ts";

const { checkPoolPerm, batchCheck } = AclService.method;
const good = { permission: "swarming.pools.createTask", pool: "ci" };
const head = headersOf("grpc", checkPoolPerm);
const body = bodyOf("grpc", checkPoolPerm, good);

const headers = Object.entries({ ...head, ":scheme": "http", ":authority": "x" });
const block = Buffer.concat(
  [...headers]
    .sort(([a], [b]) => Number(b.startsWith(":")) - Number(a.startsWith(":")))
    .map(([name, value]) => literal([name, value])),
);

function openStream(id: number): Buffer[] {
  return [frame(1, 4, id, block)];
}

function reset(id: number, code: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(code);
  return frame(3, 0, id, payload);
}

/** Sends frames on a connection of their own, in one go. */
async function sendRaw(origin: string, frames: readonly Buffer[]): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connectTcp(Number(port), hostname);
  socket.on("error", () => {});
  socket.resume();
  await once(socket, "connect");
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  socket.write(Buffer.concat([frame(4, 0, 0, Buffer.alloc(0)), ...frames]));
  return socket;
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000; turn += 1) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe("the fast path in trouble", () => {
  it("says of a check that throws what the stock handler says", async (t) => {
    const fault = (): never => {
      throw new Error("a fault of the engine");
    };
    const pool = { ...aclChecks.pool, decide: fault };
    const server = { ...aclChecks.server, question: fault };
    const twins = await openTwins({ checks: { ...aclChecks, pool, server } });
    t.after(() => twins.close());
    for (const form of forms) {
      await compare(twins, makeCase("a fault", form, checkPoolPerm, good));
      await compare(twins, makeCase("a fault", form, AclService.method.checkServerPerm, {}));
      await compare(twins, makeCase("a fault", form, batchCheck, { checks: [{ pool: good }] }));
    }
  });

  it("tells of a deadline that passes while the body comes, and answers all the same", async (t) => {
    const twins = await openTwins();
    t.after(() => twins.close());
    for (const twin of [twins.fast, twins.stock]) {
      const session = await twin.session("cleartext");
      const stream = session.request({ ...head, "grpc-timeout": "20m" });
      const trailers = once(stream, "trailers");
      stream.resume();
      await there(session);
      await new Promise((resolve) => setTimeout(resolve, 60));
      stream.end(body);
      const [{ "grpc-status": status }] = (await trailers) as [Record<string, string>];
      await there(session);
      assert.equal(status, "0");
      assert.deepEqual(
        twin.records.map(({ code, message }) => [code, message]),
        [["deadline_exceeded", "the operation timed out"]],
      );
    }
  });

  it("tells of a call that is reset before its end what the stock handler tells", async (t) => {
    const twins = await openTwins();
    t.after(() => twins.close());
    for (const code of [0, 2, 8]) {
      for (const sent of [0, 3, 9]) {
        const told: unknown[] = [];
        for (const twin of [twins.fast, twins.stock]) {
          twin.records.length = 0;
          const session = await sendRaw(twin.listener.url, [
            ...openStream(1),
            ...(sent === 0 ? [] : [frame(0, 0, 1, Buffer.from(body.subarray(0, sent)))]),
            reset(1, code),
          ]);
          await until(() => twin.records.length > 0);
          session.destroy();
          told.push(twin.records.map(({ code, message, peer }) => ({ code, message, peer })));
        }
        assert.deepEqual(told[0], told[1], `${code} after ${sent} bytes`);
      }
    }
    assert.ok(twins.fast.rpc.fastPath.counts.cutOff > 0);
  });

  it("survives 2,000 rapid resets in all phases, and tells of each call once", async (t) => {
    const twins = await openTwins();
    t.after(() => twins.close());
    const { fast } = twins;
    const whole = frame(0, 1, 0, Buffer.from(body));
    // Fewer a connection than are taken for an attack.
    for (let connection = 0; connection < 4; connection += 1) {
      const frames: Buffer[] = [];
      for (let index = 0; index < 500; index += 1) {
        const id = index * 2 + 1;
        frames.push(...openStream(id));
        if (index % 3 === 1) frames.push(frame(0, 0, id, Buffer.from(body.subarray(0, 9))));
        if (index % 3 === 2) frames.push(frame(0, 1, id, whole.subarray(9)));
        frames.push(reset(id, index % 2 === 0 ? 8 : 0));
      }
      const calls = fast.rpc.fastPath.counts.taken + 500;
      const socket = await sendRaw(fast.listener.url, frames);
      await until(() => fast.rpc.fastPath.counts.taken >= calls && fast.records.length >= calls);
      socket.destroy();
    }
    const { counts } = fast.rpc.fastPath;
    assert.equal(counts.taken, 2000);
    assert.equal(fast.records.length, 2000, "a record a call");
    assert.ok(counts.cutOff > 500);
    assert.equal(counts.answered + counts.replayed + counts.cutOff, counts.taken);
    const after = await compare(twins, makeCase("afterwards", "grpc", checkPoolPerm, good));
    assert.ok(after.trailers.includes("grpc-status: 0"));
  });

  it("lets a call that is under way finish when the server drains", async (t) => {
    const twins = await openTwins();
    t.after(() => twins.close());
    const { fast } = twins;
    const session = await fast.session("cleartext");
    const stream = session.request(head);
    stream.resume();
    const trailers = once(stream, "trailers");
    await there(session);
    const drained = fast.listener.drain(10_000);
    await once(session, "goaway");
    stream.end(body);
    const [{ "grpc-status": status }] = (await trailers) as [Record<string, string>];
    assert.equal(status, "0");
    await drained;
  });

  it("is offered nothing whose headers are too long for a client that has not settled", async (t) => {
    const twins = await openTwins();
    t.after(() => twins.close());
    const { fast } = twins;
    const session = http2.connect(fast.listener.url);
    t.after(() => session.destroy());
    const stream = session.request({ ...head, long: "x".repeat(20_000) });
    const [answered] = (await once(stream, "response")) as [Record<string, number>];
    assert.equal(answered[":status"], 431);
    assert.equal(fast.rpc.fastPath.counts.taken, 0);
  });
});
