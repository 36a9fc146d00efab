import assert from "node:assert/strict";
import type { ServerHttp2Stream } from "node:http2";
import { after, afterEach, before, describe, it } from "node:test";
import { AclService } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { CallerService } from "../../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { exchangeOf, type Exchange } from "../../../src/rpc/fast/exchange.ts";
import { createFastMethods } from "../../../src/rpc/fast/fast-methods.ts";
import { sendResponse } from "../../../src/rpc/fast/send-answer.ts";
import { maxAclBytes, type MethodHandler } from "../../../src/rpc/router.ts";
import { bearer } from "../support/bench.ts";
import { nameOf, unaryMethods } from "../support/services.ts";
import { keys } from "../support/world.ts";
import { shown, shownCredentials } from "./support/caller-requests.ts";
import { bodyOf, forms, headersOf, makeCase } from "./support/make-case.ts";
import { there } from "./support/talk.ts";
import { openTwins, see, type Twins } from "./support/twins.ts";

const { identifyCaller } = CallerService.method;

// Node holds streams for a while after they are over, and the tokens that were shown with them if they led there.
describe("a call of the fast path that is over", () => {
  const fake = shownCredentials();
  let twins: Twins;
  before(async () => {
    twins = await openTwins({ credentials: fake.area });
  });
  after(() => twins.close());
  afterEach(() => fake.reset());
  const headers = bearer(keys.root.token);
  const request = { token: shown.task.token, audience: "cache" };

  it("leaves nothing of its body on its stream, whatever became of it", async () => {
    const { fast } = twins;
    for (const form of forms) {
      const body = bodyOf(form, identifyCaller, request);
      const pieces = [body.subarray(0, 9), body.subarray(9, 20), body.subarray(20)];
      for (const [code, token, mode] of [
        ["ok", shown.task.token, "now"],
        ["unauthenticated", "another", "now"],
        ["ok", shown.task.token, "later"],
      ] as const) {
        fake.reset();
        fake.mode = mode;
        fake.admit({ ...shown.task, token });
        if (code !== "ok") fake.verdicts.clear();
        const one = makeCase("", form, identifyCaller, {}, { headers, pieces, slowly: true });
        const { records } = await see(fast, one, "cleartext");
        assert.equal((records[0] as { code: string }).code, code);
        const exchange = fast.exchange ?? assert.fail();
        assert.ok(exchangeOf(exchange.stream) === undefined, `${form} ${code} ${mode}`);
        // The stock handler reads it at its leisure.
        if (mode === "later") continue;
        assert.deepEqual([exchange.body, exchange.pieces], [undefined, undefined]);
      }
    }
  });

  it("leaves nothing of a body of which the rest never came", async () => {
    const { fast } = twins;
    const { counts } = fast.rpc.fastPath;
    const session = await fast.session("cleartext");
    for (const form of forms) {
      const { cutOff, taken } = counts;
      const stream = session.request({ ...headersOf(form, identifyCaller), ...headers });
      stream.on("error", () => {});
      stream.write(bodyOf(form, identifyCaller, request).subarray(0, 20));
      for (let turn = 0; turn < 100 && counts.taken === taken; turn += 1) await there(session);
      const exchange = fast.exchange ?? assert.fail();
      for (let turn = 0; turn < 100 && exchange.body === undefined; turn += 1) await there(session);
      assert.equal(exchange.body?.length, 20);
      // As when the connection breaks: what its end of the stream says is that it was aborted.
      exchange.stream.close(8);
      assert.equal(counts.cutOff, cutOff + 1);
      assert.ok(exchangeOf(exchange.stream) === undefined, form);
      assert.deepEqual([exchange.body, exchange.pieces], [undefined, undefined]);
    }
  });
});

describe("an answer of gRPC", () => {
  const services = [AclService, CallerService];
  const unary = services.flatMap((service) => unaryMethods(service));
  const stock = { maxBytes: maxAclBytes } as MethodHandler;
  const methods = createFastMethods(
    services.map((service) => ({
      service,
      answers: new Map(unaryMethods(service).map(({ localName }) => [localName, () => undefined])),
    })),
    new Map(unary.map((method) => [nameOf(method), stock])),
  );

  it("is kept for the next call where it says nothing but a revision, and never where it tells of somebody", () => {
    for (const [path, method] of methods) {
      const frames: unknown[] = [];
      const stream = { respond: () => {}, end: (frame: unknown) => frames.push(frame) };
      const exchange = {
        stream: stream as unknown as ServerHttp2Stream,
        call: { revisionToken: "", requestId: "" },
        head: { method, content: { protocol: "grpc", format: "binary" }, accepted: undefined },
      } as Exchange;
      const message = new Uint8Array(9);
      void sendResponse(exchange, message);
      void sendResponse(exchange, message);
      const isKept = path.startsWith("/fleetgate.acl.v1.AclService/Check");
      assert.equal(frames[0] === frames[1], isKept, path);
      assert.deepEqual(frames[0], frames[1]);
    }
  });
});
