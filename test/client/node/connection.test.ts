import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { isUnavailable } from "../../../src/client/node/index.ts";
import { hang, startFake } from "../support/fake-server.ts";
import { connectBy, failureOf, transports } from "../support/node-client.ts";

for (const transport of transports) {
  const connect = connectBy(transport);

  describe(`a connection, ${transport}`, () => {
    it("that the server told to go away is replaced by the next call, and what is open on it ends well", async () => {
      const release = Promise.withResolvers<string>();
      const arrived = Promise.withResolvers<void>();
      const a = await startFake(() => {
        arrived.resolve();
        return release.promise;
      });
      const { acl } = connect([a.url]);
      const first = acl.checkServerPerm({});
      await arrived.promise;
      const [session] = a.sessions();
      // Graceful: GOAWAY, and closed with the last stream.
      session?.close();
      a.script = () => "second";
      // The answer of the first comes after the GOAWAY on the same connection.
      release.resolve("first");
      assert.equal((await first).revisionToken, "first");
      assert.equal((await acl.checkServerPerm({})).revisionToken, "second");
      assert.equal(a.connections(), 2);
    });

    it("that died between two calls is replaced", async () => {
      const a = await startFake();
      const { acl } = connect([a.url]);
      await acl.checkServerPerm({});
      for (const session of a.sessions()) {
        const closed = once(session, "close");
        session.destroy();
        await closed;
      }
      await acl.checkServerPerm({});
      assert.equal(a.connections(), 2);
    });

    it("that was restarted elsewhere is found again", async () => {
      const a = await startFake();
      const { acl } = connect([a.url]);
      await acl.checkServerPerm({});
      await a.close();
      assert.ok(isUnavailable(await failureOf(acl.checkServerPerm({}))));
      const again = await startFake(() => "again", Number(new URL(a.url).port));
      assert.equal((await acl.checkServerPerm({})).revisionToken, "again");
      await again.close();
    });

    it("ends with close: open calls and later ones are CANCELED", async () => {
      const arrived = Promise.withResolvers<void>();
      const a = await startFake((_, context) => {
        arrived.resolve();
        return hang(context);
      });
      const client = connect([a.url]);
      const call = failureOf(client.acl.checkServerPerm({}));
      await arrived.promise;
      await client[Symbol.asyncDispose]();
      assert.equal((await call).code, Code.Canceled);
      assert.equal((await failureOf(client.acl.checkServerPerm({}))).code, Code.Canceled);
    });
  });
}
