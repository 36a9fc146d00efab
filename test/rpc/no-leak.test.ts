import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create, toBinary, toJsonString } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import {
  AclService,
  BatchCheckRequestSchema,
} from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { BotGroup, Configuration, Pool, Realm } from "../../src/domain/model.ts";
import { openBench, type Bench } from "./support/bench.ts";
import { anyCheck, singleCalls } from "./support/checks.ts";
import { envelope, exchangeHttp1, exchangeHttp2, type RawReply } from "./support/exchange.ts";
import { nameOf } from "./support/services.ts";
import { binding, createState, group, keys, usual } from "./support/world.ts";

const ann = "user:ann@example.com";
const others = ["user:bob@example.com", "user:cat@example.com", "group:strangers"];
const roles = [
  "role/swarming.poolUser",
  "role/swarming.poolViewer",
  "role/swarming.poolOwner",
  "role/swarming.taskTriggerer",
  "role/swarming.taskServiceAccount",
];

// What Ann may see is the same in every world: pools `mine`, its realm and its bots. All of the rest differs:
// which pools and bots there are, where they belong, who may do what there, and who is in which group.
const hiddenPools = ["x1", "x2", "x3"];
const hiddenRealms = ["other", "more", "undefined"];

const worlds: fc.Arbitrary<Configuration> = fc
  .record({
    pools: fc.subarray(hiddenPools),
    realmOfPool: fc.array(fc.constantFrom(...hiddenRealms), { minLength: 3, maxLength: 3 }),
    bindings: fc.array(
      fc.record({
        realm: fc.constantFrom("other", "more"),
        role: fc.constantFrom(...roles),
        principal: fc.constantFrom(...others),
      }),
      { maxLength: 6 },
    ),
    botPools: fc.array(fc.option(fc.subarray(hiddenPools), { nil: undefined }), {
      minLength: 3,
      maxLength: 3,
    }),
    strangers: fc.subarray(others.slice(0, 2)),
    strangersAreViewers: fc.boolean(),
    strangersAskForOthers: fc.boolean(),
  })
  .map((world) => {
    const hidden: Realm[] = ["other", "more"].map((name) => ({
      name,
      extends: [],
      bindings: world.bindings
        .filter(({ realm }) => realm === name)
        .map(({ role, principal }) => binding(role, principal)),
    }));
    const mine: Realm = {
      name: "mine",
      extends: [],
      bindings: [binding("role/swarming.poolUser", ann), binding("role/swarming.poolViewer", ann)],
    };
    const pools: Pool[] = world.pools.map((name, index) => ({
      name,
      realm: `acme:${world.realmOfPool[index] ?? "other"}`,
      defaultTaskRealm: "",
    }));
    const botGroups: BotGroup[] = world.botPools.flatMap((pools, index) =>
      pools === undefined
        ? []
        : [{ name: `b${index}`, botIds: [`b${index}`], botIdPrefixes: [], pools }],
    );
    const settings = usual.settings ?? assert.fail();
    const [everybody] = settings.delegations;
    assert.ok(everybody);
    return {
      ...usual,
      settings: {
        ...settings,
        viewAllBotsGroup: world.strangersAreViewers ? "strangers" : "",
        delegations: world.strangersAskForOthers
          ? [everybody, { ...everybody, group: "strangers" }]
          : [everybody],
      },
      projects: [{ name: "acme", customRoles: [], realms: [mine, ...hidden] }],
      pools: [{ name: "mine", realm: "acme:mine", defaultTaskRealm: "" }, ...pools],
      botGroups: [
        { name: "mine", botIds: ["m1"], botIdPrefixes: [], pools: ["mine"] },
        ...botGroups,
      ],
      groups: [...usual.groups, group("strangers", world.strangers)],
    };
  });

const names = {
  callers: [ann],
  pools: ["mine", ...hiddenPools],
  bots: ["m1", "b0", "b1", "b2"],
  realms: ["acme:mine", ...hiddenRealms.map((realm) => `acme:${realm}`), "nobody:x"],
};

describe("answers of AclService", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  // Ann asks for herself, and a scheduler asks for her.
  for (const [who, key, malformed] of [
    ["the caller", keys.ann, true],
    ["a peer that asks for the caller", keys.scheduler, false],
  ] as const) {
    it(`are the same bytes in worlds that differ where the caller may not look, for ${who}`, async () => {
      const check = anyCheck(names, malformed).filter(
        ({ case: kind, value }) =>
          who === "the caller" || kind === "actAs" || (value as { caller: string }).caller === ann,
      );
      const checks = fc.array(check, { minLength: 1, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(worlds, worlds, checks, async (one, two, items) => {
          const answers: string[][] = [];
          for (const world of [one, two]) {
            bench.replica.state = createState(world);
            answers.push(await askEverything(bench, key.token, items));
          }
          assert.deepEqual(answers[1], answers[0]);
          assert.ok(answers[0]?.every((answer) => !answer.includes("CHECK_UNAVAILABLE")));
        }),
        { numRuns: 25 },
      );
    });
  }
});

async function askEverything(
  bench: Bench,
  token: string,
  items: readonly Parameters<typeof askBoth>[2][],
): Promise<string[]> {
  const answers: string[] = [];
  for (const item of items) answers.push(...(await askBoth(bench, token, item)));
  const batch = create(BatchCheckRequestSchema, { checks: items.map((check) => ({ check })) });
  answers.push(...(await send(bench, token, AclService.method.batchCheck, batch)));
  return answers;
}

function askBoth(
  bench: Bench,
  token: string,
  { case: kind, value }: ReturnType<ReturnType<typeof anyCheck>["generate"]>["value"],
): Promise<string[]> {
  const method = singleCalls[kind];
  return send(bench, token, method, create(method.input, value as never));
}

async function send(
  bench: Bench,
  token: string,
  method: (typeof singleCalls)["server"],
  message: ReturnType<typeof create>,
): Promise<string[]> {
  const authorization = `Bearer ${token}`;
  const path = `/${nameOf(method)}`;
  const grpc = await exchangeHttp2(bench.session, {
    path,
    headers: { authorization, "content-type": "application/grpc", te: "trailers" },
    body: envelope(toBinary(method.input, message)),
  });
  const json = await exchangeHttp1(bench.servers.http1, {
    path,
    headers: { authorization, "content-type": "application/json" },
    body: Buffer.from(toJsonString(method.input, message)),
  });
  return [grpc, json].map(withoutRequestId);
}

function withoutRequestId(reply: RawReply): string {
  const { "x-request-id": _, ...headers } = reply.headers;
  return JSON.stringify({ ...reply, headers, body: reply.body.toString("latin1") });
}
