import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { createFleetgate, type Fleetgate } from "../../../src/client/node/index.ts";
import { startFake } from "../support/fake-server.ts";
import { startPathProxy } from "../support/path-proxy.ts";

function clientOf(t: TestContext, endpoint: string): Fleetgate {
  const client = createFleetgate({ endpoints: [endpoint], retry: { rounds: 1 } });
  t.after(() => client.close());
  return client;
}

const method = "/fleetgate.acl.v1.AclService/CheckServerPerm";

describe("the path of an endpoint", () => {
  for (const [path, prefix] of [
    ["/team/fleetgate", "/team/fleetgate"],
    ["/team/fleetgate/", "/team/fleetgate"],
    ["/", ""],
    ["", ""],
  ] as const) {
    it(`is put before that of each method, for a proxy that takes it away: ${JSON.stringify(path)}`, async (t) => {
      const server = await startFake();
      const proxy = await startPathProxy(t, prefix, server.url);
      await clientOf(t, proxy.url + path).acl.checkServerPerm({});
      assert.deepEqual(proxy.paths, [`${prefix}${method}`]);
      assert.deepEqual(server.calls, ["CheckServerPerm"]);
    });
  }

  it("leads to no method without such a proxy", async (t) => {
    const server = await startFake();
    const { acl } = clientOf(t, `${server.url}/team`);
    await assert.rejects(acl.checkServerPerm({}), /unimplemented/);
    assert.deepEqual(server.calls, []);
  });
});
