import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { DomainError } from "../../src/domain/errors.ts";
import { ForeignHistoryError } from "../../src/replica/replica.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { ConsistencySchema } from "../../src/gen/fleetgate/acl/v1/consistency_pb.ts";
import { formatRevisionToken } from "../../src/replica/revision-token.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "./support/bench.ts";
import { createFakeReplica } from "./support/fake-replica.ts";
import { chainHash, createState, databaseId, keys, usual } from "./support/world.ts";

type Requirement = MessageInitShape<typeof ConsistencySchema>["requirement"];

const permission = "swarming.pools.createTask";

function token(revision: bigint, changes: { database?: string; hash?: bigint } = {}): string {
  return formatRevisionToken({
    databaseId: changes.database ?? databaseId,
    revision,
    chainHash: chainHash(changes.hash ?? revision),
  });
}

function fresh(value: string): Requirement {
  return { case: "atLeastAsFresh", value };
}

const latest: Requirement = { case: "fullyConsistent", value: true };

describe("consistency", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());
  beforeEach(() => {
    Object.assign(bench.replica, createFakeReplica(createState()));
    bench.records.length = 0;
  });

  const check = (requirement: Requirement, caller = "", key = keys.ann): Promise<Reply> =>
    ask(
      (bench.wires[0] ?? assert.fail()).transport,
      AclService.method.checkPoolPerm,
      { caller, permission, pool: "ci", consistency: { requirement } as never },
      bearer(key.token),
    );
  const brief = ({ code, reason }: Reply) => `${code} ${reason}`.trim();

  it("is the snapshot in memory unless something else is asked for", async () => {
    for (const requirement of [
      { case: undefined },
      { case: "minimizeLatency", value: true },
    ] as const) {
      const reply = await check(requirement);
      assert.equal(brief(reply), "ok");
      assert.equal(reply.metadataOfCall.get("fleetgate-revision"), token(7n));
    }
  });

  it("takes a token of the current or of an earlier revision at once", async () => {
    bench.replica.waitFor = () => assert.fail("waited");
    assert.equal(brief(await check(fresh(token(7n)))), "ok");
    assert.equal(brief(await check(fresh(token(3n)))), "ok");
  });

  it("waits for the revision of the token and answers from it", async () => {
    bench.replica.next = createState({ ...usual, pools: [] }, 9n);
    const reply = await check(fresh(token(8n)));
    assert.equal(brief(reply), "permission_denied PERMISSION_DENIED");
    assert.equal(reply.metadataOfCall.get("fleetgate-revision"), token(9n));
  });

  it("gives up when the revision is not reached in time", async () => {
    const reply = await check(fresh(token(8n)));
    assert.equal(brief(reply), "internal FRESHNESS_NOT_REACHED");
    assert.equal(reply.message, "the check could not be made; retry");
    assert.equal(reply.details.length, 2);
  });

  it("refuses tokens of another database or of another history", async () => {
    const foreign = "failed_precondition REVISION_TOKEN_FOREIGN";
    const elsewhere = "fedcba98-7654-3210-fedc-ba9876543210";
    assert.equal(brief(await check(fresh(token(1n, { database: elsewhere })))), foreign);
    assert.equal(brief(await check(fresh(token(9n, { database: elsewhere })))), foreign);
    assert.equal(brief(await check(fresh(token(7n, { hash: 8n })))), foreign);
    assert.equal(brief(await check(fresh(token(3n, { hash: 8n })))), foreign, "an abandoned one");
    assert.equal(brief(await check(fresh(token(0n, { hash: 8n })))), foreign);
    bench.replica.next = createState(usual, 9n);
    assert.equal(brief(await check(fresh(token(9n, { hash: 8n })))), foreign);
    bench.replica.state = createState();
    assert.equal(brief(await check(fresh(token(8n, { hash: 9n })))), foreign, "jumped over");
  });

  it("refuses what is no token, and requirements that are set to false", async () => {
    const cases: readonly (readonly [Requirement, string])[] = [
      [fresh(""), "at_least_as_fresh"],
      [fresh("x".repeat(44)), "at_least_as_fresh"],
      [fresh(`${token(7n)}=`), "at_least_as_fresh"],
      [{ case: "minimizeLatency", value: false }, "minimize_latency"],
      [{ case: "fullyConsistent", value: false }, "fully_consistent"],
    ];
    for (const [requirement, field] of cases) {
      const reply = await check(requirement);
      assert.equal(brief(reply), "invalid_argument INVALID_FIELD");
      assert.equal(reply.metadata["field"], `consistency.${field}`);
      const forbidden = await check(requirement, "user:bob@example.com");
      assert.equal(forbidden.reason, "ON_BEHALF_OF_FORBIDDEN");
    }
  });

  it("is full when the snapshot holds what storage holds", async () => {
    assert.equal(brief(await check(latest)), "ok");
    bench.replica.next = createState(usual, 9n);
    const reply = await check(latest);
    assert.equal(reply.metadataOfCall.get("fleetgate-revision"), token(9n));
  });

  it("is not reached when storage fails, is silent, or is another one", async () => {
    bench.replica.failure = new DomainError(
      "STORAGE_UNAVAILABLE",
      "no storage at secret-host:5432",
    );
    const failed = await check(latest);
    assert.equal(brief(failed), "internal FRESHNESS_NOT_REACHED");
    assert.doesNotMatch(JSON.stringify(failed), /secret-host/);
    assert.match(String(bench.records[0]?.cause), /secret-host/);
    bench.replica.failure = new ForeignHistoryError(createState(), createState());
    assert.equal(brief(await check(latest)), "internal FRESHNESS_NOT_REACHED");
    bench.replica.refresh = () => new Promise(() => {});
    assert.equal(brief(await check(latest)), "internal FRESHNESS_NOT_REACHED");
  });

  it("admits the call again on a newer snapshot: the key may be revoked there", async () => {
    bench.replica.next = createState(usual, 8n, [keys.root.body]);
    const reply = await check(fresh(token(8n)));
    assert.equal(brief(reply), "unauthenticated CREDENTIAL_REQUIRED");
    assert.equal(reply.metadataOfCall.get("fleetgate-revision"), token(8n));
    assert.equal(bench.records[0]?.peer, "");
  });

  it("applies the on-behalf rule of the snapshot that answers", async () => {
    const settings = { ...(usual.settings ?? assert.fail()), delegations: [] };
    const closed = createState({ ...usual, settings }, 8n);
    bench.replica.next = closed;
    const caller = "user:ann@example.com";
    const revoked = await check(fresh(token(8n)), caller, keys.scheduler);
    assert.equal(revoked.reason, "ON_BEHALF_OF_FORBIDDEN");
    bench.replica.state = closed;
    bench.replica.next = createState(usual, 9n);
    assert.equal((await check(fresh(token(9n)), caller, keys.scheduler)).code, "ok");
  });

  it("fails when the snapshot becomes unusable while the call waits", async () => {
    const state = bench.replica.state;
    bench.replica.waitFor = () => {
      bench.replica.state = undefined;
      return Promise.resolve(state);
    };
    assert.equal(brief(await check(fresh(token(8n)))), "internal CHECK_UNAVAILABLE");
  });
});
