import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as fc from "fast-check";
import type { MakeAttempt } from "../../../../src/client/node/attempt.ts";
import { createEndpointSession } from "../../../../src/client/node/endpoint-session.ts";
import { createLeanAttempt } from "../../../../src/client/node/lean/lean-attempt.ts";
import { createStockAttempt } from "../../../../src/client/node/stock-attempt.ts";
import { AclService } from "../../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ConfigService } from "../../../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import { InspectService } from "../../../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { openBench, type Bench } from "../../../rpc/support/bench.ts";
import { keys } from "../../../rpc/support/world.ts";
import { startScripted, type ScriptedServer } from "../../support/scripted-server.ts";
import { allowanceOf, allowed } from "./allowed.ts";
import { readMaxBytes, type Case } from "./case.ts";
import { corpus } from "./corpus.ts";
import { mutatedCase } from "./mutations.ts";
import { ask, attemptCase, usual, type Outcome, type Question } from "./outcome.ts";

let server: ScriptedServer;
before(async () => {
  server = await startScripted();
});
after(() => server.close());

type Create = typeof createLeanAttempt;

/** What comes of something, on a connection of its own. */
async function by<T>(
  create: Create,
  url: string,
  use: (attempt: MakeAttempt) => Promise<T>,
): Promise<T> {
  const session = createEndpointSession(new URL(url).origin, () => ({}));
  try {
    return await use(create(new URL(url), session, readMaxBytes));
  } finally {
    session.close();
  }
}

const play = (create: Create, one: Case): Promise<Outcome> =>
  by(create, server.url, (attempt) => attemptCase(server, attempt, one));

describe("the lean attempt ends as that of connect", () => {
  for (const one of corpus) {
    it(one.name, async () => {
      const difference = allowanceOf(one);
      const lean = await play(createLeanAttempt, one);
      if (difference === undefined) {
        assert.deepEqual(lean, await play(createStockAttempt, one));
        return;
      }
      assert.ok(difference.lean(lean));
      const stock = await play(createStockAttempt, { ...one, timeoutMs: 100 });
      assert.ok(difference.stock(stock), "the difference is not needed any more");
    });
  }

  it("every allowed difference is of the corpus", () => {
    const names = new Set(corpus.map(({ name }) => name));
    assert.equal(names.size, corpus.length, "names are unique");
    for (const { cases } of allowed)
      assert.ok(cases.length > 0 && cases.every((one) => names.has(one)));
  });

  it("whatever is changed of an answer", async () => {
    const property = fc.asyncProperty(mutatedCase, async (one) => {
      assert.deepEqual(await play(createLeanAttempt, one), await play(createStockAttempt, one));
    });
    await fc.assert(property, { numRuns: 300, endOnFailure: true });
  });

  it("when the server answers without reading the request", async () => {
    const question = { ...usual, input: { pool: "p".repeat(1_000_000) } };
    server.reads = false;
    try {
      for (const { script } of corpus.filter(({ name }) =>
        /^a message$|^a denial$|reset 2/.test(name),
      )) {
        server.script = script;
        const lean = await by(createLeanAttempt, server.url, (attempt) => ask(attempt, question));
        const stock = await by(createStockAttempt, server.url, (attempt) => ask(attempt, question));
        assert.deepEqual(lean, stock);
      }
    } finally {
      server.reads = true;
    }
  });
});

const questions: readonly (readonly [name: string, question: Question])[] = [
  ["a question", usual],
  ["one without a token", { method: usual.method, input: usual.input }],
  ["an empty one", { ...usual, input: {} }],
  ["a large one", { ...usual, input: { pool: "p".repeat(200_000) } }],
  ["an unpaired surrogate", { ...usual, input: { pool: "\ud800" } }],
  ["a value of another type", { ...usual, input: { pool: 5 } }],
  ["null", { ...usual, input: { pool: null } }],
  ["a field that does not exist", { ...usual, input: { nothing: 1 } }],
  ["another method", { ...usual, method: InspectService.method.explain, input: {} }],
  ...(
    [
      { "x-a": "1", "X-B": " 2 " },
      { "user-agent": "mine" },
      { "content-type": "text/html", "connect-protocol-version": "9" },
      { "connect-timeout-ms": "7" },
      { "content-encoding": "gzip" },
      { "x-latin": "caf\u00e9" },
      { host: "elsewhere" },
      { te: "trailers" },
      { authorization: "Basic x" },
      { connection: "keep-alive" },
      { "transfer-encoding": "chunked" },
      { "http2-settings": "x" },
    ] as const
  ).map(
    (headers) =>
      [
        `headers ${JSON.stringify(headers)}`,
        { ...usual, header: new Headers(headers as Record<string, string>) },
      ] as const,
  ),
  [
    "headers that come twice",
    {
      ...usual,
      header: new Headers([
        ["x-a", "1"],
        ["x-a", "2"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
      ]),
    },
  ],
];

describe("the lean attempt asks as that of connect", () => {
  for (const [name, question] of questions) {
    for (const timeoutMs of [30_000, undefined]) {
      it(`${name}, ${timeoutMs === undefined ? "no" : "a"} deadline`, async () => {
        server.script = corpus[0]?.script ?? [];
        const outcomes: unknown[] = [];
        for (const create of [createLeanAttempt, createStockAttempt]) {
          server.seen.length = 0;
          const url = `${server.url}/team`;
          const outcome = await by(create, url, (attempt) => ask(attempt, question, timeoutMs));
          const seen = server.seen.map(({ headers, body }) => {
            const { "accept-encoding": accepted, ...others } = headers;
            // Answers of AclService do not come compressed: the one allowed difference of requests.
            const isLeanCheck =
              create === createLeanAttempt && question.method.parent === AclService;
            assert.equal(accepted, isLeanCheck ? undefined : "gzip,br");
            return { headers: others, body };
          });
          outcomes.push({ outcome, seen });
        }
        assert.deepEqual(outcomes[0], outcomes[1]);
      });
    }
  }
});

/** Headers that differ from call to call, and those of what was not asked to be compressed. */
const ofOneCall = /\["(?:date|x-request-id|content-encoding|content-length)","[^"]*"\],?/g;

describe("the lean attempt is answered as that of connect by a real server", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  const { method } = AclService;
  const check = { permission: "swarming.pools.createTask" };
  const batch = { checks: [{ check: { case: "pool", value: { ...check, pool: "secret" } } }] };
  const real: readonly (readonly [
    name: string,
    method: Question["method"],
    input: Question["input"],
  ])[] = [
    ["permitted", method.checkPoolPerm, { ...check, pool: "ci" }],
    ["denied", method.checkPoolPerm, { ...check, pool: "secret" }],
    ["malformed", method.checkPoolPerm, { permission: "a b", pool: "ci" }],
    ["on behalf", method.checkPoolPerm, { ...check, pool: "ci", caller: "user:bob@example.com" }],
    [
      "foreign token",
      method.checkPoolPerm,
      {
        ...check,
        pool: "ci",
        consistency: { requirement: { case: "atLeastAsFresh", value: "x" } },
      },
    ],
    ["filtered", method.filterPoolsByPerm, { ...check, pools: ["ci", "secret"] }],
    [
      "batch",
      method.batchCheck,
      { checks: [...batch.checks, { check: { case: "pool", value: { ...check, pool: "ci" } } }] },
    ],
    [
      "a large batch",
      method.batchCheck,
      { checks: Array.from({ length: 100 }, () => batch.checks[0]) },
    ],
    ["forbidden", InspectService.method.listPermissions, {}],
    ["an admin's", ConfigService.method.get, {}],
  ];
  for (const token of [keys.ann.token, "fg1_wrong", undefined]) {
    for (const [name, one, input] of real) {
      it(`${name}, ${token === undefined ? "no" : token === keys.ann.token ? "a" : "a wrong"} key`, async () => {
        const question = { method: one, input, ...(token === undefined ? {} : { token }) };
        const askBy = async (create: Create): Promise<string> => {
          const { http2 } = bench.servers;
          const outcome = await by(create, http2, (attempt) => ask(attempt, question));
          return JSON.stringify(outcome).replace(ofOneCall, "");
        };
        assert.equal(await askBy(createLeanAttempt), await askBy(createStockAttempt));
      });
    }
  }
});
