import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary, toJson } from "@bufbuild/protobuf";
import {
  ExplainRequestSchema,
  InspectService,
} from "../../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { askBinary, withUnknownField } from "../support/binary.ts";
import { ask, bearer } from "../support/bench.ts";
import { group } from "../support/world.ts";
import {
  ann,
  inPool,
  openExplainBench,
  permission,
  reader,
  type Explained,
  type ExplainInit,
} from "./support/explain-bench.ts";
import { askers, inspected, inspectState } from "./support/inspect-world.ts";

const { explain } = InspectService.method;

describe("Explain", () => {
  const { bench, first } = openExplainBench();

  it("fails in the order of a check: caller, on-behalf rule, consistency, other syntax", async () => {
    const stranger = bearer(askers.stranger.token);
    const malformed = { requirement: { case: "atLeastAsFresh", value: "?" } } as const;
    const own = { requirement: { case: "fullyConsistent", value: true } } as const;
    const bad = { pool: "", permission: "", consistency: own };
    const order: readonly (readonly [object, ExplainInit["consistency"] | undefined, string])[] = [
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
    const reply = await askBinary(bench().servers, path, inner, reader);
    assert.equal(reply.code, "invalid_argument");
    assert.match(reply.body, /UNKNOWN_FIELD|unknown/);
  });

  it("is UNAVAILABLE without a snapshot, or with one that is not fresh enough", async () => {
    const request = inPool({ caller: ann, permission, pool: "ci" });
    bench().replica.failure = new Error("storage is down");
    const latest = { requirement: { case: "fullyConsistent", value: true } } as const;
    const stale = await first({ ...request, consistency: latest });
    bench().replica.failure = undefined;
    const token = inspectState(inspected, 9n).revisionToken;
    const fresher = { requirement: { case: "atLeastAsFresh", value: token } } as const;
    const behind = await first({ ...request, consistency: fresher });
    bench().replica.state = undefined;
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
    bench().replica.state = inspectState(without);
    bench().replica.next = inspectState(inspected, 8n);
    const consistency = { requirement: { case: "fullyConsistent", value: true } } as const;
    const reply = await first({ ...inPool({ permission, pool: "ci" }), consistency });
    const { explanation } = reply.response as Explained;
    assert.equal(explanation?.["revision"], "8");
  });

  it("refuses a revision token of another database", async () => {
    const state = inspectState();
    bench().replica.state = { ...state, databaseId: "00000000-89ab-cdef-0123-456789abcdef" };
    const consistency = {
      requirement: { case: "atLeastAsFresh", value: state.revisionToken },
    } as const;
    const reply = await first({ ...inPool({ permission, pool: "ci" }), consistency });
    assert.equal(reply.reason, "REVISION_TOKEN_FOREIGN");
  });

  it("takes 10,000 pools and no more, in at most 1 MiB", async () => {
    const pools = Array.from({ length: 10_000 }, (_, index) => `pool-${index}`);
    const several = (value: object) => ({ check: { case: "filterPools", value } }) as ExplainInit;
    const { transport } = bench().wires[4] ?? assert.fail();
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
    bench().replica.state = inspectState({ ...inspected, groups: [...groups, ...levels] });
    const pools = Array.from({ length: 10_000 }, () => "ci");
    const value = { caller: ann, permission, pools };
    const request = { check: { case: "filterPools", value } } as ExplainInit;
    const reply = await first(request);
    assert.deepEqual(
      [reply.code, reply.reason, reply.metadata],
      ["resource_exhausted", "LIMIT_EXCEEDED", { limit: "explanation_memberships" }],
    );
    const few = {
      check: { case: "filterPools", value: { ...value, pools: pools.slice(0, 7692) } },
    };
    assert.equal((await first(few as ExplainInit)).code, "ok");
    const toOwner = await first(request, bearer(askers.owner.token));
    assert.equal((toOwner.response as Explained).explanation?.steps.length, 10_000);
  });
});
