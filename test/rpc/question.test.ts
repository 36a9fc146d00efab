import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import {
  CheckAllPoolsPermRequestSchema,
  CheckBotPermRequestSchema,
  CheckPoolPermRequestSchema,
  CheckTaskPermRequestSchema,
  FilterPoolsByPermRequestSchema,
} from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { botCheck } from "../../src/rpc/acl/bot-check.ts";
import { allPoolsCheck, filterPoolsCheck, poolCheck } from "../../src/rpc/acl/pool-checks.ts";
import { taskCheck } from "../../src/rpc/acl/task-check.ts";

const permission = "swarming.tasks.get";
const malformed = ["a:b", " a", "x".repeat(900_000), "a\u202e\u0000"];

// The on-behalf rule looks names up, and the engine remembers and logs those that it does not know.
describe("the question of the on-behalf rule", () => {
  for (const name of malformed) {
    it(`holds no malformed name, such as ${JSON.stringify(name.slice(0, 10))}`, () => {
      const pools = ["ci", name];
      const questions = [
        poolCheck.question(create(CheckPoolPermRequestSchema, { permission, pool: name })),
        allPoolsCheck.question(create(CheckAllPoolsPermRequestSchema, { permission, pools })),
        filterPoolsCheck.question(create(FilterPoolsByPermRequestSchema, { permission, pools })),
        botCheck.question(create(CheckBotPermRequestSchema, { permission, botId: name })),
        taskCheck.question(
          create(CheckTaskPermRequestSchema, { permission, task: { pool: name } }),
        ),
        taskCheck.question(
          create(CheckTaskPermRequestSchema, { permission, task: { botId: name } }),
        ),
      ];
      for (const question of questions) {
        assert.equal(JSON.stringify(question).includes(JSON.stringify(name)), false);
        assert.ok(question.pools.includes(""), "it stands for a pool that is in no realm");
      }
    });
  }
});
