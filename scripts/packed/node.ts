import assert from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import { AclService, isDenied, reasonOf } from "fleetgate/client";
import { createFleetgate } from "fleetgate/client/node";
import {
  createEngineFleetgate,
  createTableFleetgate,
  InvalidConfigError,
  type TableRule,
} from "fleetgate/testing";

// What runs in Node. Copied by scripts/pack-test.ts into a package that depends on fleetgate.

const question = { permission: "swarming.pools.createTask", pool: "ci" };

const rules: readonly TableRule[] = [{ pool: "ci", answer: "permit" }];
const table = createTableFleetgate({ rules });
const acl = createClient(AclService, table.transport);
await acl.checkPoolPerm(question);
await assert.rejects(acl.checkPoolPerm({ ...question, pool: "secret" }), isDenied);
assert.equal(table.questions.length, 2);
await table.close();

const yaml = `
projects:
  - name: app
    realms:
      - name: ci
        bindings: [{ role: role/swarming.poolUser, principals: ["user:ann@example.com"] }]
pools: [{ name: ci, realm: "app:ci" }]
`;
assert.throws(() => createEngineFleetgate({ yaml: "pools: 1" }), InvalidConfigError);
const engine = createEngineFleetgate({ yaml });
const { url } = await engine.listen();
let token = engine.createKey("user:ann@example.com");
const fleetgate = createFleetgate({ endpoints: [url], key: () => token });
await fleetgate.acl.checkPoolPerm(question);
token = engine.createKey("user:bob@example.com");
await assert.rejects(fleetgate.acl.checkPoolPerm(question), (error) => {
  return isDenied(error) && reasonOf(error) === "PERMISSION_DENIED";
});
await fleetgate.close();
await engine.close();
