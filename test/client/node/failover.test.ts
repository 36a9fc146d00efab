import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  isDenied,
  isUnavailable,
  reasonOf,
  retryDelayOf,
  type Fleetgate,
} from "../../../src/client/node/index.ts";
import {
  fail,
  failClosed,
  hang,
  refusedUrl,
  startFake,
  startMute,
} from "../support/fake-server.ts";
import { connectBy, failureOf, transports } from "../support/node-client.ts";

for (const transport of transports) {
  const connect = connectBy(transport);

  describe(`calls to several endpoints, ${transport}`, () => {
    it("stay with one as long as it answers", async () => {
      const [a, b] = [await startFake(), await startFake()];
      const { acl } = connect([a.url, b.url]);
      for (let call = 0; call < 5; call += 1) await acl.checkServerPerm({});
      assert.equal(a.calls.length, 5);
      assert.equal(b.calls.length, 0);
      assert.equal(a.connections(), 1);
    });

    for (const reason of [
      "CHECK_UNAVAILABLE",
      "FRESHNESS_NOT_REACHED",
      "STORAGE_UNAVAILABLE",
    ] as const) {
      it(`go to the next one after ${reason}, and stay there`, async () => {
        const a = await startFake(() => fail(reason));
        const b = await startFake();
        const { acl } = connect([a.url, b.url]);
        assert.equal((await acl.checkServerPerm({})).revisionToken, "token");
        await acl.checkServerPerm({});
        assert.equal(a.calls.length, 1);
        assert.equal(b.calls.length, 2);
      });
    }

    it("wait as long as a closed gate asks, ask nobody else meanwhile, and then the same again, also what is not repeated", async () => {
      let closed = true;
      const a = await startFake(() => {
        if (!closed) return "open";
        closed = false;
        return failClosed(40);
      });
      const b = await startFake();
      const { apiKeys } = connect([a.url, b.url]);
      const began = performance.now();
      assert.equal((await apiKeys.revoke({ id: "x" })).revisionToken, "open");
      assert.ok(performance.now() - began >= 39);
      assert.deepEqual([a.calls.length, b.calls.length], [2, 0]);
    });

    it("hand a closed gate on at once when its time outlasts the deadline, and do not hammer", async () => {
      const a = await startFake(() => failClosed(60_000));
      const b = await startFake();
      const { apiKeys } = connect([a.url, b.url]);
      const error = await failureOf(apiKeys.list({}));
      assert.equal(reasonOf(error), "GATE_CLOSED");
      assert.equal(error.code, Code.ResourceExhausted);
      assert.equal(retryDelayOf(error), 60_000);
      assert.deepEqual([a.calls.length, b.calls.length], [1, 0]);
      // Nor without a deadline in sight more often than it may.
      a.script = () => failClosed(1);
      const short = await failureOf(connect([a.url], { retry: { rounds: 3 } }).apiKeys.list({}));
      assert.equal(reasonOf(short), "GATE_CLOSED");
      assert.equal(a.calls.length, 4);
    });

    it("wait no shorter because a closed gate asks for more than a timer can", async () => {
      const a = await startFake(() => failClosed(2 ** 40));
      const { apiKeys } = connect([a.url]);
      const stopping = new AbortController();
      const failing = failureOf(apiKeys.list({}, { timeoutMs: 0, signal: stopping.signal }));
      while (a.calls.length === 0) await setTimeout(5);
      await setTimeout(50);
      stopping.abort();
      assert.equal((await failing).code, Code.Canceled);
      assert.equal(a.calls.length, 1);
    });

    it("go to the next one when the connection is refused", async () => {
      const b = await startFake();
      const { acl } = connect([await refusedUrl(), b.url]);
      await acl.checkServerPerm({});
      assert.equal(b.calls.length, 1);
    });

    it("go to the next one when the connection breaks under the call", async () => {
      const a = await startFake((_, context) => {
        for (const session of a.sessions()) session.destroy();
        return hang(context);
      });
      const b = await startFake();
      const { acl } = connect([a.url, b.url]);
      await acl.checkServerPerm({});
      assert.deepEqual([a.calls.length, b.calls.length], [1, 1]);
    });

    it("go to the next one when an answer says nothing, which is no permit", async () => {
      const a = await startFake(() => "");
      const b = await startFake();
      const { acl } = connect([a.url, b.url]);
      assert.equal((await acl.checkServerPerm({})).revisionToken, "token");
      assert.deepEqual([a.calls.length, b.calls.length], [1, 1]);
      const alone = await failureOf(connect([a.url]).acl.checkServerPerm({}));
      assert.ok(isUnavailable(alone));
      assert.match(alone.rawMessage, /answered without a decision$/);
    });

    it("leave time for the next one when one never answers", async () => {
      const mute = await startMute();
      const b = await startFake();
      const { acl } = connect([mute.url, b.url], { deadlineMs: 5000 });
      await acl.checkServerPerm({});
      assert.equal(mute.connections(), 1);
      assert.equal(b.calls.length, 1);
    });

    it("of admins have the whole deadline, but the next one goes elsewhere", async () => {
      const mute = await startMute();
      const b = await startFake();
      const { config } = connect([mute.url, b.url], { deadlineMs: 300 });
      assert.equal((await failureOf(config.get({}))).code, Code.DeadlineExceeded);
      await config.get({}, { timeoutMs: 30_000 });
      assert.equal(b.calls.length, 1);
    });

    it("come back to one that failed, once the others fail", async () => {
      const a = await startFake(() => fail("CHECK_UNAVAILABLE"));
      const b = await startFake();
      const { acl } = connect([a.url, b.url]);
      await acl.checkServerPerm({});
      a.script = () => "from a";
      b.script = () => fail("CHECK_UNAVAILABLE");
      assert.equal((await acl.checkServerPerm({})).revisionToken, "from a");
    });

    it("fail with the answer of Fleetgate rather than with a refused connection", async () => {
      const a = await startFake(() => fail("FRESHNESS_NOT_REACHED"));
      const { acl } = connect([a.url, await refusedUrl()], { retry: { rounds: 1 } });
      assert.equal(reasonOf(await failureOf(acl.checkServerPerm({}))), "FRESHNESS_NOT_REACHED");
    });

    it("are tried at each endpoint twice at most", async () => {
      const script = (): never => {
        throw new ConnectError("busy", Code.Unavailable);
      };
      const [a, b] = [await startFake(script), await startFake(script)];
      const { acl } = connect([a.url, b.url]);
      const error = await failureOf(acl.checkServerPerm({}));
      assert.ok(isUnavailable(error));
      assert.deepEqual([a.calls.length, b.calls.length], [2, 2]);
    });
  });

  describe(`calls to one endpoint, ${transport}`, () => {
    it("are made again there, no sooner than the server says", async () => {
      const times: number[] = [];
      const a = await startFake(() => {
        times.push(performance.now());
        return times.length === 1 ? fail("CHECK_UNAVAILABLE") : "token";
      });
      await connect([a.url]).acl.checkServerPerm({});
      // The server says 1 s; timers may be early by a millisecond.
      assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 990);
    });

    it("fail with UNAVAILABLE and without an uncaught error when nobody listens", async () => {
      const error = await failureOf(connect([await refusedUrl()]).acl.checkServerPerm({}));
      assert.ok(isUnavailable(error));
      assert.match(error.rawMessage, /no connection to http:\/\/127\.0\.0\.1/);
    });
  });

  describe(`what is not repeated, ${transport}`, () => {
    const others = [
      "PERMISSION_DENIED",
      "ON_BEHALF_OF_FORBIDDEN",
      "INVALID_FIELD",
      "INTERNAL_FAULT",
      "WRITE_CONFLICT",
      "CREDENTIAL_REQUIRED",
    ] as const;
    for (const reason of others) {
      it(`an answer ${reason}`, async () => {
        const a = await startFake(() => fail(reason));
        const b = await startFake();
        const error = await failureOf(connect([a.url, b.url]).acl.checkServerPerm({}));
        assert.equal(reasonOf(error), reason);
        assert.equal(isDenied(error), reason === "PERMISSION_DENIED");
        assert.deepEqual([a.calls.length, b.calls.length], [1, 0]);
      });
    }

    it("a write without request_id", async () => {
      const script = (): never => fail("STORAGE_UNAVAILABLE");
      const [a, b] = [await startFake(script), await startFake()];
      const { config, apiKeys } = connect([a.url, b.url]);
      assert.equal(reasonOf(await failureOf(config.apply({}))), "STORAGE_UNAVAILABLE");
      assert.deepEqual([a.calls.length, b.calls.length], [1, 0]);
      // The next call passes over the endpoint that failed.
      await apiKeys.revoke({});
      assert.deepEqual([a.calls.length, b.calls.length], [1, 1]);
    });

    it("but a write with request_id is, and so is a read of an admin", async () => {
      for (const make of [
        (client: Fleetgate) => client.config.apply({ requestId: "r" }),
        (client: Fleetgate) => client.config.get({}),
      ]) {
        const a = await startFake(() => fail("STORAGE_UNAVAILABLE"));
        const b = await startFake();
        await make(connect([a.url, b.url]));
        assert.deepEqual([a.calls.length, b.calls.length], [1, 1]);
      }
    });
  });
}
