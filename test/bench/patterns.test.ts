import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { Client } from "../../bench/transport/client.ts";
import {
  expectedStatus,
  methodPath,
  requestBody,
  requestHeaders,
} from "../../bench/transport/frames.ts";
import { openHttp2Client } from "../../bench/transport/http2-client.ts";
import { callInPattern } from "../../bench/transport/patterns.ts";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";

const question = {
  caller: "user:ann@example.com",
  permission: "swarming.pools.listTasks",
  pool: "p",
};

/** A client whose calls are answered when `answer` says so. */
function fakeClient(answer: (done: (status: string) => void) => void): Client {
  return { call: (_body, done) => answer(done), close: async () => {} };
}

const bodies = [Buffer.from("x")];

describe("callInPattern", () => {
  test("counts the time of a paced call from when it was due, not from when it was sent", async () => {
    // The first call blocks the process; those that were due meanwhile must show it.
    let first = true;
    const client = fakeClient((done) => {
      if (first) {
        const until = performance.now() + 30;
        while (performance.now() < until);
      }
      first = false;
      setImmediate(() => done("200"));
    });
    const pattern = { kind: "paced", perSecond: 1000 } as const;
    const { latencies } = await callInPattern(client, bodies, {
      pattern,
      seconds: 0.05,
      status: "200",
    });
    assert.equal(latencies.length, 50);
    assert.ok(latencies.filter((ms) => ms >= 10).length >= 15);
  });

  test("fails when an answer is not the expected one", async () => {
    const client = fakeClient((done) => setImmediate(() => done("200/7")));
    const pattern = { kind: "closed", inFlight: 2 } as const;
    const calls = callInPattern(client, bodies, { pattern, seconds: 0.05, status: "200/0" });
    await assert.rejects(calls, /status 200\/7, not 200\/0/);
  });
});

describe("openHttp2Client", () => {
  let server: Http2Server;
  let port = 0;
  before(async () => {
    const routes = connectNodeAdapter({
      routes: (router) => router.service(AclService, { checkPoolPerm: () => ({}) }),
    });
    server = createServer(routes).listen(0, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  });
  after(() => server.close());

  for (const protocol of ["gRPC", "Connect"] as const) {
    test(`asks over ${protocol} and hears the status`, async () => {
      const headers = requestHeaders(protocol, "token");
      const client = await openHttp2Client({ port, path: methodPath, headers, connections: 1 });
      const status = await new Promise<string>((resolve) => {
        client.call(requestBody(protocol, question), resolve);
      });
      await client.close();
      assert.equal(status, expectedStatus(protocol, false));
    });
  }
});
