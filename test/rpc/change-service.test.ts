import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { DescMethodUnary } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { lockOutGuards } from "../../src/commands/guards.ts";
import { DomainError } from "../../src/domain/errors.ts";
import { ChangeService } from "../../src/gen/fleetgate/admin/v1/change_service_pb.ts";
import type { AdminOperations } from "../../src/rpc/admin/operations.ts";
import type { LoggedItem } from "../../src/storage/history/read-change.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "./support/bench.ts";
import { keys } from "./support/world.ts";

const token = "AQIDBAUGBwgJCgsMDQ4PEAAAAAAAAAAJCQkJCQkJCQk";
const at = new Date("2026-02-03T04:05:06.789Z");
const change = {
  ...{ revision: 5n, at, author: "user:a@b.c", reason: "why", source: "main", erased: false },
  summary: [{ kind: "pool" as const, created: 1, updated: 2, deleted: 3 }],
  itemsPruned: false,
};
const shownChange = {
  ...{ revision: "5", at: "2026-02-03T04:05:06.789Z", author: "user:a@b.c" },
  ...{ reason: "why", source: "main" },
  summary: { kinds: [{ kind: "pool", created: 1, updated: 2, deleted: 3 }] },
};
const pool = { name: "p", realm: "a:b", defaultTaskRealm: "" };
const items: readonly LoggedItem[] = [
  {
    ...{ seq: 1, op: "update", erased: true, kind: "group_member", key: "g user:x@y.z" },
    before: { group: "g", member: "user:X@y.z" },
    after: { group: "g", member: "user:x@y.z" },
  },
  {
    ...{ seq: 2, op: "create", erased: false, kind: "pool", key: "p" },
    before: undefined,
    after: pool,
  },
];

// Each operation remembers what it was asked.
const asked: unknown[] = [];
const operations: Partial<AdminOperations> = {
  listChanges: (_, asker, input) => {
    asked.push(asker, input);
    return Promise.resolve({
      changes: [change, { ...change, source: undefined, itemsPruned: true }],
      nextPageToken: "next",
      revisionToken: token,
    });
  },
  getChange: (_, asker, input) => {
    asked.push(asker, input);
    if (input.revision === 9n) throw new DomainError("NOT_FOUND", "none", { kind: "change" });
    return Promise.resolve({ change, items, nextPageToken: "", revisionToken: token });
  },
  revertChange: (_, author, input) => {
    asked.push(author, input);
    const none = { identities: 0, globs: 0 };
    const effects = { gained: { identities: 2, globs: 1 }, lost: none, effects: [] };
    return Promise.resolve({ revisionToken: token, summary: change.summary, effects });
  },
  verifyChanges: (_, input) => {
    asked.push(input);
    return Promise.resolve({
      ...{ firstRevision: 1n, lastRevision: 5n, changes: 4n, items: 7n },
      ...{ changesPruned: 1n, itemsErased: 2n, changesErased: 1n, revisionToken: token },
      faults: [{ revision: 3n, message: "bad" }],
    });
  },
};

describe("ChangeService", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench({ operations });
  });
  after(() => bench.close());

  const call = async (
    method: DescMethodUnary,
    request: Record<string, unknown>,
    key = keys.root,
  ): Promise<Reply> => {
    let first: Reply | undefined;
    for (const { name, transport } of bench.wires) {
      asked.length = 0;
      const reply = await ask(transport, method, request, bearer(key.token));
      first ??= reply;
      assert.deepEqual({ ...reply, metadataOfCall: 0 }, { ...first, metadataOfCall: 0 }, name);
      if (reply.code === "ok") {
        assert.equal(reply.metadataOfCall.get("fleetgate-revision"), token, name);
      }
    }
    return first ?? assert.fail();
  };

  it("lists changes", async () => {
    const query = { pageSize: 3, pageToken: "t", author: "a", source: "s", group: "g" };
    const rest = { kind: "k", key: "x" };
    const until = new Date(at.getTime() + 1);
    const reply = await call(ChangeService.method.listChanges, {
      ...{ ...query, ...rest, since: timestampFromDate(at) },
      until: { seconds: BigInt(at.getTime()) / 1000n, nanos: 789_000_001 },
    });
    assert.deepEqual(asked, ["user:root@example.com", { ...query, ...rest, since: at, until }]);
    const { source: _source, ...pruned } = shownChange;
    assert.deepEqual(reply.response, {
      changes: [shownChange, { ...pruned, itemsPruned: true }],
      nextPageToken: "next",
      revisionToken: token,
    });
  });

  it("hands on a malformed time as one", async () => {
    for (const seconds of [-62_135_596_801n, 253_402_300_800n]) {
      const [wire] = bench.wires;
      asked.length = 0;
      const since = { seconds, nanos: 0 };
      const { transport } = wire ?? assert.fail();
      await ask(transport, ChangeService.method.listChanges, { since }, bearer(keys.root.token));
      const input = asked[1] as { readonly since: Date };
      assert.ok(Number.isNaN(input.since.getTime()));
    }
  });

  it("shows a change with differences of fields", async () => {
    const request = { revision: 5n, pageSize: 3, pageToken: "t", group: "g" };
    const reply = await call(ChangeService.method.getChange, request);
    assert.deepEqual(asked, ["user:root@example.com", request]);
    assert.deepEqual(reply.response, {
      change: shownChange,
      items: [
        {
          ...{ kind: "group_member", key: "g user:x@y.z", op: "OP_UPDATE", erased: true },
          fields: [{ field: "member", before: '"user:X@y.z"', after: '"user:x@y.z"' }],
        },
        {
          ...{ kind: "pool", key: "p", op: "OP_CREATE" },
          fields: [
            { field: "name", after: '"p"' },
            { field: "realm", after: '"a:b"' },
          ],
        },
      ],
      revisionToken: token,
    });
    assert.equal((await call(ChangeService.method.getChange, { revision: 9n })).code, "not_found");
  });

  it("undoes a change", async () => {
    const request = { revision: 5n, validateOnly: true, requestId: "r", reason: "why" };
    const guards = { maxLost: 7, allowLockOut: true };
    const reply = await call(ChangeService.method.revertChange, { ...request, guards });
    const read = { ...guards, maxGained: undefined };
    assert.deepEqual(asked, ["user:root@example.com", { ...request, guards: read }]);
    assert.deepEqual(reply.response, {
      revisionToken: token,
      summary: shownChange.summary,
      effects: { gained: { identities: "2", globs: "1" }, lost: {} },
    });
    await call(ChangeService.method.revertChange, request);
    assert.deepEqual(asked[1], { ...request, guards: lockOutGuards });
    const bad = { ...request, guards: { maxGained: -1 } };
    const refused = await call(ChangeService.method.revertChange, bad);
    assert.equal(refused.metadata["field"], "guards.max_gained");
  });

  it("verifies the chain", async () => {
    const request = { firstRevision: 1n, lastRevision: 5n };
    const reply = await call(ChangeService.method.verifyChanges, request);
    assert.deepEqual(asked, [request]);
    assert.deepEqual(reply.response, {
      ...{ firstRevision: "1", lastRevision: "5", changes: "4", items: "7" },
      ...{ changesPruned: "1", itemsErased: "2", changesErased: "1", revisionToken: token },
      faults: [{ revision: "3", message: "bad" }],
    });
  });

  it("lets nobody but administrators undo, and nobody but readers verify", async () => {
    for (const method of [ChangeService.method.revertChange, ChangeService.method.verifyChanges]) {
      const reply = await call(method, {}, keys.ann);
      assert.deepEqual([reply.code, reply.reason], ["permission_denied", "GROUP_REQUIRED"]);
      assert.deepEqual(asked, []);
    }
  });
});
