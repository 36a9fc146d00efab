import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { create, toBinary, toJson, type MessageInitShape } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { AclService } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import {
  ExplainRequestSchema,
  InspectService,
} from "../../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { askBinary, withUnknownField } from "../support/binary.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "../support/bench.ts";
import { anyCheck, type AnyCheck } from "../support/checks.ts";
import { createState, group, keys } from "../support/world.ts";
import { askers, inspected, inspectState } from "./support/inspect-world.ts";

const { explain } = InspectService.method;
const { batchCheck } = AclService.method;
type Shape = MessageInitShape<typeof ExplainRequestSchema>;
interface Init {
  readonly check?: NonNullable<Shape["check"]>;
  readonly consistency?: NonNullable<Shape["consistency"]>;
}

const ann = "user:ann@example.com";
const permission = "swarming.pools.createTask";
const reader = bearer(askers.reader.token);
const inPool = (value: object) => ({ check: { case: "pool", value } }) as Init;

interface Explained {
  readonly outcome: { readonly code?: number };
  readonly pools?: readonly string[];
  readonly explanation?: {
    readonly steps: readonly Readonly<Record<string, unknown>>[];
    readonly [field: string]: unknown;
  };
}

describe("Explain", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());
  beforeEach(() => {
    bench.replica.state = inspectState();
    bench.replica.next = undefined;
    bench.replica.failure = undefined;
  });

  const first = (request: Init, headers = reader): Promise<Reply> =>
    ask((bench.wires[0] ?? assert.fail()).transport, explain, request, headers);

  it("answers the same on every wire: what the check answers, and the whole witness", async () => {
    for (const { name, transport } of bench.wires) {
      const reply = await ask(
        transport,
        explain,
        inPool({ caller: ann, permission, pool: "ci" }),
        reader,
      );
      assert.equal(reply.code, "ok", name);
      const { revisionToken, ...response } = reply.response as Explained & {
        readonly revisionToken: string;
      };
      assert.equal(revisionToken, reply.metadataOfCall.get("fleetgate-revision"), name);
      assert.equal(revisionToken, bench.replica.state?.revisionToken, name);
      assert.deepEqual(
        response,
        {
          outcome: {},
          explanation: {
            revision: "7",
            steps: [
              { kind: "KIND_SERVER", result: "RESULT_NO_SERVER_LEVEL", permission },
              {
                kind: "KIND_POOL",
                result: "RESULT_PERMITTED",
                permission,
                pool: "ci",
                realm: "acme:ci",
                answeringRealm: "acme:ci",
                witness: {
                  memberships: [
                    { group: "linux-devs", member: ann, source: "main" },
                    { group: "devs", nested: "linux-devs", source: "main" },
                    { group: "everybody", nested: "devs", source: "main" },
                  ],
                  binding: {
                    realm: "acme:ci",
                    inheritance: ["acme:ci"],
                    role: "role/swarming.poolUser",
                    rolePath: ["role/swarming.poolUser"],
                    principal: "group:everybody",
                    source: "main",
                  },
                },
              },
            ],
          },
        },
        name,
      );
    }
  });

  it("names the settings of the server level as the configuration does", async () => {
    const value = { caller: "user:root@example.com", permission: "swarming.servers.peek" };
    const reply = await first({ check: { case: "server", value } });
    const [step] = (reply.response as Explained).explanation?.steps ?? [];
    assert.deepEqual(step?.["groups"], ["administrators"]);
    assert.deepEqual((step["witness"] as { settings: unknown }).settings, ["admins_group"]);
  });

  it("tells readers the steps of a denial, and grants that would allow", async () => {
    const reply = await first(inPool({ caller: ann, permission, pool: "secret" }));
    const { outcome, explanation } = reply.response as Explained;
    assert.equal(outcome.code, 7);
    assert.deepEqual(
      explanation?.steps.map(({ kind, result }) => [kind, result]),
      [
        ["KIND_SERVER", "RESULT_NO_SERVER_LEVEL"],
        ["KIND_POOL", "RESULT_NOT_BOUND"],
      ],
    );
    const [grant] = explanation["grants"] as readonly Readonly<Record<string, unknown>>[];
    assert.deepEqual(grant?.["changes"], [
      { bind: { realm: "acme:secret", role: "role/swarming.poolUser", principal: ann } },
    ]);
  });

  it("leaves the owner of a group that group of an allow, and says that there are others", async () => {
    const request = inPool({ caller: ann, permission, pool: "ci" });
    for (const { name, transport } of bench.wires) {
      const reply = await ask(transport, explain, request, bearer(askers.owner.token));
      assert.deepEqual(
        (reply.response as Explained).explanation,
        {
          revision: "7",
          redacted: true,
          steps: [
            {
              kind: "KIND_POOL",
              result: "RESULT_PERMITTED",
              permission,
              pool: "ci",
              witness: {
                memberships: [{}, { group: "devs", nested: "", source: "main" }, {}],
              },
            },
          ],
        },
        name,
      );
    }
  });

  it("answers who may read nothing exactly the outcome, the pools and the revision token", async () => {
    const pools = ["ci", "secret", "nowhere", "ci"];
    const filter = { check: { case: "filterPools", value: { permission, pools } } } as const;
    const reply = await first(filter, bearer(askers.ann.token));
    const revisionToken = bench.replica.state?.revisionToken;
    assert.deepEqual(reply.response, { revisionToken, outcome: {}, pools: ["ci", "ci"] });
  });

  const names = {
    callers: [ann, "user:ANN@example.com", "user:robot@example.com", "service:x", "task:1"],
    pools: ["ci", "secret", "nowhere"],
    bots: ["ci-1", "other"],
    realms: ["acme:ci", "acme:secret", "acme:undefined", "beta:x"],
  };

  it("comes to what a batch comes to, for whoever may ask", async () => {
    // Readers may explain more than they may check: the peers of these are no readers, or ask about themselves.
    const property = fc.asyncProperty(
      fc.constantFrom(...(["owner", "ann", "delegated", "stranger"] as const)),
      anyCheck(names, true),
      fc.constantFrom(...bench.wires),
      async (asker, check, { transport }) => {
        const headers = bearer(askers[asker].token);
        const batch = await ask(transport, batchCheck, { checks: [{ check }] }, headers);
        const [item] = (batch.response as { outcomes: { status: unknown; pools?: unknown }[] })
          .outcomes;
        const reply = await ask(
          transport,
          explain,
          { check: check as NonNullable<Init["check"]> },
          headers,
        );
        if (reply.code === "ok") {
          const { outcome, pools } = reply.response as Explained;
          assert.deepEqual({ status: outcome, pools }, { pools: undefined, ...item });
        } else {
          assert.ok(item);
          const { code, message } = item.status as { code: number; message: string };
          assert.equal(reply.message, message);
          assert.ok(code === 3 || code === 9, `code ${code}`);
        }
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  it("comes to the very answer of the check for readers too, of every kind", async () => {
    // The scheduler of this world may ask about anybody, and the administrator may explain it.
    bench.replica.state = createState();
    const usual = { callers: [ann], pools: names.pools, bots: ["ci-1"], realms: ["acme:tasks"] };
    const property = fc.asyncProperty(anyCheck(usual, false), async (check: AnyCheck) => {
      const { transport } = bench.wires[4] ?? assert.fail();
      const asked = check.case === "actAs" ? check.value : { ...check.value, caller: ann };
      const about = { case: check.case, value: asked } as AnyCheck;
      const batch = await ask(
        transport,
        batchCheck,
        { checks: [{ check: about }] },
        bearer(keys.scheduler.token),
      );
      const [item] = (batch.response as { outcomes: { status: unknown; pools?: unknown }[] })
        .outcomes;
      const reply = await ask(
        transport,
        explain,
        { check: about as NonNullable<Init["check"]> },
        bearer(keys.root.token),
      );
      const { outcome, pools, explanation } = reply.response as Explained;
      assert.deepEqual({ status: outcome, pools }, { pools: undefined, ...item });
      assert.ok(explanation);
      assert.notEqual(explanation["redacted"], true);
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it("fails in the order of a check: caller, on-behalf rule, consistency, other syntax", async () => {
    const stranger = bearer(askers.stranger.token);
    const malformed = { requirement: { case: "atLeastAsFresh", value: "?" } } as const;
    const own = { requirement: { case: "fullyConsistent", value: true } } as const;
    const bad = { pool: "", permission: "", consistency: own };
    const order: readonly (readonly [object, Init["consistency"] | undefined, string])[] = [
      [{ ...bad, caller: "?" }, malformed, "caller: "],
      [{ ...bad, caller: ann }, malformed, "this peer may not ask about this caller"],
      [bad, malformed, "consistency.at_least_as_fresh: "],
      [bad, undefined, "consistency: must be absent in the check"],
      [{ pool: "", permission: "" }, undefined, "permission: "],
      [{ pool: "", permission }, undefined, "pool: "],
    ];
    for (const [value, consistency, message] of order) {
      const reply = await first(
        { ...inPool(value), ...(consistency && { consistency }) },
        stranger,
      );
      assert.ok(reply.message.startsWith(message), `${reply.message} instead of ${message}`);
    }
  });

  it("refuses a request without a check, and one with fields that it does not know", async () => {
    assert.equal((await first({})).metadata["field"], "check");
    const path = "/fleetgate.inspect.v1.InspectService/Explain";
    const inner = withUnknownField(
      toBinary(ExplainRequestSchema, create(ExplainRequestSchema, inPool({ permission }))),
    );
    const reply = await askBinary(bench.servers, path, inner, reader);
    assert.equal(reply.code, "invalid_argument");
    assert.match(reply.body, /UNKNOWN_FIELD|unknown/);
  });

  it("is UNAVAILABLE without a snapshot, or with one that is not fresh enough", async () => {
    const request = inPool({ caller: ann, permission, pool: "ci" });
    bench.replica.failure = new Error("storage is down");
    const latest = { requirement: { case: "fullyConsistent", value: true } } as const;
    const stale = await first({ ...request, consistency: latest });
    bench.replica.failure = undefined;
    const token = inspectState(inspected, 9n).revisionToken;
    const fresher = { requirement: { case: "atLeastAsFresh", value: token } } as const;
    const behind = await first({ ...request, consistency: fresher });
    bench.replica.state = undefined;
    const absent = await first(request);
    for (const reply of [stale, behind, absent]) {
      assert.equal(reply.code, "unavailable");
      assert.equal(reply.reason, "STORAGE_UNAVAILABLE");
      assert.match(reply.details[1] ?? "", /^google\.rpc\.RetryInfo /);
    }
  });

  it("answers from the snapshot that is as fresh as asked, and that decides who reads", async () => {
    const { settings } = inspected;
    assert.ok(settings);
    const without = { ...inspected, settings: { ...settings, readersGroup: "" } };
    bench.replica.state = inspectState(without);
    bench.replica.next = inspectState(inspected, 8n);
    const consistency = { requirement: { case: "fullyConsistent", value: true } } as const;
    const reply = await first({ ...inPool({ permission, pool: "ci" }), consistency });
    const { explanation } = reply.response as Explained;
    assert.equal(explanation?.["revision"], "8");
  });

  it("refuses a revision token of another database", async () => {
    const state = inspectState();
    bench.replica.state = { ...state, databaseId: "00000000-89ab-cdef-0123-456789abcdef" };
    const consistency = {
      requirement: { case: "atLeastAsFresh", value: state.revisionToken },
    } as const;
    const reply = await first({ ...inPool({ permission, pool: "ci" }), consistency });
    assert.equal(reply.reason, "REVISION_TOKEN_FOREIGN");
  });

  it("takes 10,000 pools and no more, in at most 1 MiB", async () => {
    const pools = Array.from({ length: 10_000 }, (_, index) => `pool-${index}`);
    const several = (value: object) => ({ check: { case: "filterPools", value } }) as Init;
    const { transport } = bench.wires[4] ?? assert.fail();
    const all = await ask(transport, explain, several({ permission, pools }), reader);
    assert.equal((all.response as Explained).explanation?.steps.length, 10_001);
    const more = await ask(
      transport,
      explain,
      several({ permission, pools: [...pools, "x"] }),
      reader,
    );
    assert.equal(more.metadata["field"], "pools");
    const big = several({ permission, pools: pools.map((pool) => pool.padEnd(200, "x")) });
    assert.ok(JSON.stringify(toJson(ExplainRequestSchema, create(ExplainRequestSchema, big))));
    assert.equal((await ask(transport, explain, big, reader)).code, "resource_exhausted");
  });

  it("refuses readers more than 100,000 memberships, and counts of others what they may read", async () => {
    // `devs` is nested ten levels deep in what is bound.
    const levels = Array.from({ length: 10 }, (_, index) => ({
      ...group(`level-${index}`, []),
      nested: [index === 0 ? "devs" : `level-${index - 1}`],
    }));
    const groups = inspected.groups.map((it) =>
      it.name === "everybody" ? { ...it, nested: ["level-9"] } : it,
    );
    bench.replica.state = inspectState({ ...inspected, groups: [...groups, ...levels] });
    const pools = Array.from({ length: 10_000 }, () => "ci");
    const value = { caller: ann, permission, pools };
    const request = { check: { case: "filterPools", value } } as Init;
    const reply = await first(request);
    assert.deepEqual(
      [reply.code, reply.reason, reply.metadata],
      ["resource_exhausted", "LIMIT_EXCEEDED", { limit: "explanation_memberships" }],
    );
    const few = {
      check: { case: "filterPools", value: { ...value, pools: pools.slice(0, 7692) } },
    };
    assert.equal((await first(few as Init)).code, "ok");
    const toOwner = await first(request, bearer(askers.owner.token));
    assert.equal((toOwner.response as Explained).explanation?.steps.length, 10_000);
  });
});
