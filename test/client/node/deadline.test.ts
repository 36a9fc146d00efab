import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { reasonOf } from "../../../src/client/node/index.ts";
import { failUnavailable, hang, startFake, startMute } from "../support/fake-server.ts";
import { connectBy, failureOf, transports } from "../support/node-client.ts";

for (const transport of transports) {
  const connect = connectBy(transport);

  describe(`the deadline, ${transport}`, () => {
    it("covers all attempts, and the error is that of the last attempt that said something", async () => {
      const a = await startFake(() => failUnavailable(60_000));
      const mute = await startMute();
      const error = await failureOf(
        connect([a.url, mute.url], { deadlineMs: 2000 }).acl.checkServerPerm({}),
      );
      assert.equal(reasonOf(error), "CHECK_UNAVAILABLE");
      // The server says to come back later than the deadline.
      assert.equal(a.calls.length, 1);
    });

    it("is DEADLINE_EXCEEDED when nobody said anything", async () => {
      const mute = await startMute();
      const error = await failureOf(
        connect([mute.url], { deadlineMs: 300 }).acl.checkServerPerm({}),
      );
      assert.equal(error.code, Code.DeadlineExceeded);
    });

    it("of a call goes before that of the client, and the server is told what is left", async () => {
      let told: number | undefined;
      const a = await startFake((_, context) => {
        told = context.timeoutMs();
        return "token";
      });
      await connect([a.url]).acl.checkServerPerm({}, { timeoutMs: 7000 });
      assert.ok(told !== undefined && told > 0 && told <= 7000);
    });

    it("ends an abort of the caller at once, as CANCELED", async () => {
      const arrived = Promise.withResolvers<void>();
      const a = await startFake((_, context) => {
        arrived.resolve();
        return hang(context);
      });
      const aborting = new AbortController();
      const call = connect([a.url]).acl.checkServerPerm({}, { signal: aborting.signal });
      await arrived.promise;
      aborting.abort();
      assert.equal((await failureOf(call)).code, Code.Canceled);
      assert.equal(a.calls.length, 1);
    });
  });

  describe(`a call that is aborted before it begins, ${transport}`, () => {
    const aborted = AbortSignal.abort(new ConnectError("not wanted any more", Code.Canceled));

    it("asks for no key, so that one that cannot be had does not end the process", async () => {
      let asked = 0;
      const a = await startFake();
      const { acl } = connect([a.url], {
        key: () => {
          asked += 1;
          return Promise.reject(new Error("no key"));
        },
      });
      const error = await failureOf(acl.checkServerPerm({}, { signal: aborted }));
      assert.equal(error.code, Code.Canceled);
      assert.equal(asked, 0);
    });

    it("opens no connection, even with a credential of its own", async () => {
      const a = await startFake();
      const client = connect([a.url]);
      await client.close();
      const headers = { authorization: "Bearer own" };
      for (let call = 0; call < 3; call += 1) {
        const error = await failureOf(client.acl.checkServerPerm({}, { headers }));
        assert.equal(error.code, Code.Canceled);
      }
      const other = connect([a.url]);
      await other.acl.checkServerPerm({});
      assert.equal(a.connections(), 1);
    });
  });
}
