import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { createClient, type Client } from "@connectrpc/connect";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ConfigSchema } from "../../src/gen/fleetgate/config/v1/config_pb.ts";
import { ask, type Answer } from "../spec/ask.ts";
import type { Question } from "../spec/question.ts";
import type { World } from "../spec/world.ts";
import { generateFleet } from "../support/fleets/generate-fleet.ts";
import { generateQuestions } from "../support/fleets/generate-questions.ts";
import { askAll, askInBatch } from "./support/ask-over-wire.ts";
import { atEnd } from "./support/cleanup.ts";
import { openWires } from "./support/clients.ts";
import { admin, startServer, type TestServer } from "./support/server.ts";

const peer = "service:asker";
const seed = Number(process.env["FLEETGATE_TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** The same fleet, in which the peer may ask about everybody, without the group that no file may hold. */
function toApply(world: World): World {
  const { settings, groups = [] } = world;
  const delegations = [...(settings?.delegations ?? []), { group: "askers" }];
  return {
    ...world,
    settings: { ...settings, delegations },
    groups: [
      ...groups.filter(({ name }) => name !== "administrators"),
      { name: "askers", members: [peer] },
    ],
  };
}

/** What is in force after the apply: with the administrators that the database has. */
function inForce(world: World): World {
  const administrators = { name: "administrators", members: [admin] };
  return { ...world, groups: [...(world.groups ?? []), administrators] };
}

const malformed: readonly Question[] = [
  { check: "pool", caller: "ann", permission: "swarming.pools.listBots", pool: "p" },
  { check: "pool", caller: "user:a@b", permission: "nothing", pool: "p" },
  { check: "pool", caller: "user:a@b", permission: "swarming.pools.listBots", pool: "a:b" },
  { check: "all_pools", caller: "user:a@b", permission: "swarming.pools.listBots", pools: [] },
  { check: "create_in_realm", caller: "user:a@b", realm: "no-colon" },
  { check: "act_as", service_account: "nobody", realm: "a:b" },
];

describe(`over the wire a fleet answers as the executable spec, seed ${seed}`, () => {
  let server: TestServer;
  let token = "";
  let questions: readonly Question[] = [];
  let expected: readonly Answer[] = [];

  before(async () => {
    const fleet = generateFleet({ seed, size: "small" });
    const world = toApply(fleet.config);
    questions = [
      ...generateQuestions({ ...fleet, config: world }, { seed, count: 300 }),
      ...malformed,
    ];
    expected = questions.map((question) => ask(inForce(world), question));
    server = await startServer();
    const config = fromJson(ConfigSchema, world as JsonObject);
    const file = { path: "fleet", content: { case: "config", value: config } } as const;
    await server.admin.config.apply({ files: [file] });
    token = (await server.admin.keys.create({ identity: peer })).token;
  });

  it("both answers occur", () => {
    const permitted = expected.filter(({ answer }) => answer === "permitted").length;
    const denied = expected.filter(({ answer }) => answer === "denied").length;
    assert.ok(permitted > 10 && denied > 10, `${permitted} permitted, ${denied} denied`);
  });

  for (const name of ["gRPC", "gRPC-Web", "Connect in binary", "Connect in JSON"]) {
    const open = (): Client<typeof AclService> => {
      const { wires, close } = openWires(server.url, token);
      atEnd(close);
      const wire = wires.find((candidate) => candidate.name === name);
      assert.ok(wire);
      return createClient(AclService, wire.transport);
    };

    it(`one by one over ${name}`, async () => {
      const answers = await askAll(open(), questions);
      for (const [index, answer] of answers.entries()) {
        assert.deepEqual(answer, expected[index], JSON.stringify(questions[index]));
      }
    });

    it(`all at once over ${name}`, async () => {
      const answers = await askInBatch(open(), questions);
      for (const [index, answer] of answers.entries()) {
        assert.deepEqual(answer, expected[index], JSON.stringify(questions[index]));
      }
    });
  }
});
