import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { DomainError } from "../../src/domain/errors.ts";
import { ForeignHistoryError } from "../../src/replica/replica.ts";
import { failureOutsideAcl } from "../../src/rpc/inspect/begin-inspect-call.ts";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { GroupService } from "../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { InspectService } from "../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { makeGroup, openTestLog, people } from "../commands/change/support.ts";
import { useDatabase } from "../support/database.ts";
import type { Reply } from "./support/bench.ts";
import { openLogBench, type LogBench } from "./support/log-bench.ts";

const open = useDatabase();
const stranger = "user:stranger@example.com";
const permission = "swarming.pools.createTask";

const fleet = `
settings:
  readers_group: auditors
  delegations: [{ group: delegated }]
groups: [{ name: delegated, members: ["${people.auditor}"] }]
projects:
  - name: p
    realms:
      - name: r
        bindings: [{ role: role/swarming.poolUser, principals: ["group:team"] }]
pools: [{ name: ci, realm: "p:r" }]
`;

const then = [people.auditor, "user:x@example.com", "user:y@example.com"];

const exactly = (revision: bigint) => ({
  requirement: { case: "atExactRevision" as const, value: revision },
});
const brief = ({ code, reason }: Reply) => `${code} ${reason}`.trim();
const forbidden = "failed_precondition HISTORY_FORBIDDEN";

/** Settings (1), groups (2), keys (3), a fleet (4), then a reader joins the team (5) and leaves it again (6). */
describe("a state at an exact revision", () => {
  let bench: LogBench;
  let token5 = "";
  before(async () => {
    const log = await openTestLog(await open());
    bench = await openLogBench(log, [...Object.values(people), stranger]);
    await log.apply(fleet);
    await log.editGroups([makeGroup("team", { members: then, owners: "owners" })]);
    token5 = log.state().revisionToken;
    await log.editGroups([makeGroup("team", { members: [people.member], owners: "owners" })]);
  });
  after(() => bench.close());

  const check = (
    identity: string,
    consistency: ReturnType<typeof exactly> | undefined,
    more: { readonly caller?: string; readonly pool?: string } = {},
  ): Promise<Reply> =>
    bench.askAs(identity, AclService.method.checkPoolPerm, {
      ...{ permission, pool: "ci", ...more },
      ...(consistency && { consistency }),
    });

  it("answers checks of readers, over every wire, with the token of that revision", async () => {
    assert.equal(
      brief(await check(people.auditor, undefined)),
      "permission_denied PERMISSION_DENIED",
    );
    for (const wire of bench.wires) {
      const request = { permission, pool: "ci", consistency: exactly(5n) };
      const reply = await bench.askAs(
        people.auditor,
        AclService.method.checkPoolPerm,
        request,
        wire,
      );
      assert.equal(brief(reply), "ok", wire.name);
      assert.deepEqual(reply.response, { revisionToken: token5 });
      assert.equal(reply.metadataOfCall.get("fleetgate-revision"), token5);
    }
    const reply = await check(people.auditor, exactly(4n));
    assert.equal(brief(reply), "permission_denied PERMISSION_DENIED");
    assert.equal(brief(await check(people.auditor, exactly(6n))), brief(reply), "the current one");
  });

  it("answers batches", async () => {
    const reply = await bench.askAs(people.auditor, AclService.method.batchCheck, {
      consistency: exactly(5n),
      checks: [{ check: { case: "pool", value: { permission, pool: "ci" } } }],
    });
    assert.deepEqual(reply.response, { revisionToken: token5, outcomes: [{ status: {} }] });
  });

  it("answers packed batches", async () => {
    const reply = await bench.askAs(people.auditor, AclService.method.batchCheckPacked, {
      consistency: exactly(5n),
      permission,
      resources: { case: "pools", value: { names: ["ci", "gone"] } },
    });
    assert.deepEqual(reply.response, { revisionToken: token5, permitted: "AQ==" });
    const refused = await bench.askAs(people.member, AclService.method.batchCheckPacked, {
      consistency: exactly(5n),
    });
    assert.equal(brief(refused), forbidden);
  });

  it("is told to nobody but readers, whether or not there is such a revision", async () => {
    const answers = new Set<string>();
    for (const identity of [people.member, people.owner, stranger]) {
      for (const revision of [1n, 5n, 6n, 7n, 2n ** 62n]) {
        const reply = await check(identity, exactly(revision));
        assert.equal(brief(reply), forbidden);
        answers.add(JSON.stringify({ ...reply, metadataOfCall: undefined }));
      }
    }
    assert.equal(answers.size, 1);
    assert.equal(brief(await check("anonymous", exactly(5n))), forbidden);
  });

  it("is for those who are readers now, whatever they were then", async () => {
    // At revision 1 nobody is a reader: there are no groups.
    assert.equal(
      brief(await check(people.auditor, exactly(1n))),
      "permission_denied PERMISSION_DENIED",
    );
  });

  it("comes after the syntax of the caller and the on-behalf rule, and before all else", async () => {
    const caller = people.member;
    assert.equal(
      brief(await check(stranger, exactly(5n), { caller: "nobody" })),
      "invalid_argument INVALID_FIELD",
    );
    assert.equal(
      brief(await check(stranger, exactly(5n), { caller })),
      "failed_precondition ON_BEHALF_OF_FORBIDDEN",
    );
    assert.equal(brief(await check(stranger, exactly(5n), { pool: "" })), forbidden);
    assert.equal(brief(await check(stranger, exactly(-1n))), "invalid_argument INVALID_FIELD");
    const unknown = await check(people.auditor, exactly(99n), { pool: "" });
    assert.equal(brief(unknown), "failed_precondition REVISION_NOT_RETAINED");
    assert.deepEqual(unknown.metadata, { revision: "99", oldest: "0" });
    assert.equal(
      brief(await check(people.root, exactly(99n), { caller })),
      "failed_precondition ON_BEHALF_OF_FORBIDDEN",
    );
  });

  it("lets a peer ask about others as it may now, whatever it could then", async () => {
    const about = { caller: people.member };
    const denied = "permission_denied PERMISSION_DENIED";
    assert.equal(brief(await check(people.auditor, exactly(2n), about)), denied);
    assert.equal(brief(await check(people.auditor, exactly(5n), about)), denied);
    assert.equal(brief(await check(people.auditor, exactly(6n), about)), "ok");
  });

  it("refuses a negative revision", async () => {
    const reply = await check(people.auditor, exactly(-1n));
    assert.deepEqual(reply.metadata["field"], "consistency.at_exact_revision");
  });

  it("explains and lists as things were then, for readers", async () => {
    const consistency = exactly(5n);
    const explained = await bench.askAs(people.root, InspectService.method.explain, {
      consistency,
      check: { case: "pool", value: { permission, pool: "ci", caller: people.auditor } },
    });
    const { outcome, explanation, revisionToken } = explained.response as {
      readonly outcome: object;
      readonly explanation: { readonly revision: string };
      readonly revisionToken: string;
    };
    assert.deepEqual([outcome, explanation.revision, revisionToken], [{}, "5", token5]);
    const early = await bench.askAs(people.auditor, InspectService.method.explain, {
      consistency: exactly(1n),
      check: { case: "pool", value: { permission, pool: "ci", caller: people.member } },
    });
    assert.match(JSON.stringify(early.response), /"explanation"/, "who may read is decided by now");
    const listed = await bench.askAs(people.auditor, InspectService.method.listPrincipals, {
      ...{ consistency, permission },
      place: { case: "pool", value: "ci" },
    });
    assert.match(JSON.stringify(listed.response), new RegExp(people.auditor));
    const others = await bench.askAs(people.auditor, InspectService.method.listPermissions, {
      consistency: exactly(1n),
      identity: people.member,
    });
    assert.equal(brief(others), "ok", "who may list is decided by now");
  });

  it("continues a list at its revision", async () => {
    const consistency = exactly(5n);
    const request = { consistency, permission, place: { case: "pool", value: "ci" } } as const;
    const ask = (page: { readonly pageSize?: number; readonly pageToken?: string }) =>
      bench.askAs(people.root, InspectService.method.listPrincipals, { ...request, ...page });
    const first = await ask({ pageSize: 1 });
    const { nextPageToken = "", totalSize } = first.response as {
      readonly nextPageToken?: string;
      readonly totalSize: number;
    };
    const second = await ask({ pageToken: nextPageToken });
    const { principals } = second.response as { readonly principals: readonly unknown[] };
    assert.ok(totalSize > 2);
    assert.equal(principals.length, totalSize - 1);
    const now = await bench.askAs(people.root, InspectService.method.listPrincipals, {
      ...{ permission, place: request.place },
      pageToken: nextPageToken,
    });
    assert.equal(brief(now), "invalid_argument PAGE_TOKEN_INVALID");
  });

  it("shows groups as they were, to readers", async () => {
    const reply = await bench.askAs(people.auditor, GroupService.method.getGroup, {
      name: "team",
      consistency: exactly(5n),
    });
    const { group } = reply.response as { readonly group: { readonly members: unknown } };
    assert.deepEqual(group.members, then);
  });

  it("is GROUP_REQUIRED for others outside of AclService", async () => {
    const consistency = exactly(5n);
    const required = "permission_denied GROUP_REQUIRED";
    for (const identity of [people.owner, stranger]) {
      const explained = await bench.askAs(identity, InspectService.method.explain, {
        consistency,
        check: { case: "pool", value: { permission, pool: "ci" } },
      });
      assert.equal(brief(explained), required);
      const listed = await bench.askAs(identity, InspectService.method.listPermissions, {
        consistency,
      });
      assert.equal(brief(listed), required);
    }
    const own = await bench.askAs(people.owner, GroupService.method.getGroup, {
      name: "team",
      consistency,
    });
    assert.equal(brief(own), required);
    // The group as it is now is for its owners: it is the revision that is not.
    assert.match(own.message, /GetGroup at an earlier revision is for readers: /);
  });
});

describe("a state that is not fresh enough, outside of AclService", () => {
  const because = (cause: unknown): DomainError =>
    new DomainError("FRESHNESS_NOT_REACHED", "", {}, { cause });
  const point = { databaseId: "d", revision: 1n, chainHash: new Uint8Array(32) };
  const table: readonly (readonly [DomainError, string])[] = [
    [because(new Error("not reached in time")), "STORAGE_UNAVAILABLE"],
    [because(new DomainError("LIMIT_EXCEEDED", "retry", { limit: "rebuilds" })), "LIMIT_EXCEEDED"],
    [because(new ForeignHistoryError(point, point)), "HISTORY_NOT_ACCEPTED"],
    [new DomainError("REVISION_TOKEN_FOREIGN", "foreign"), "REVISION_TOKEN_FOREIGN"],
  ];
  for (const [error, reason] of table) {
    it(`is ${reason} for ${error.reason} by ${String(error.cause)}`, () => {
      const failure = failureOutsideAcl(error);
      assert.ok(failure instanceof DomainError);
      assert.equal(failure.reason, reason);
    });
  }
});

describe("a state at an exact revision without a database", () => {
  it("is the current one, or cannot be had", async () => {
    const storage = await open();
    const log = await openTestLog(storage);
    const bench = await openLogBench(log, [people.root, stranger]);
    try {
      await storage.close();
      const check = (identity: string, revision: bigint) =>
        bench.askAs(identity, AclService.method.checkServerPerm, {
          ...{ permission: "swarming.servers.peek", consistency: exactly(revision) },
        });
      const current = log.state().revision;
      assert.notEqual((await check(people.root, current)).reason, "FRESHNESS_NOT_REACHED");
      assert.equal(brief(await check(people.root, 1n)), "internal FRESHNESS_NOT_REACHED");
      assert.equal(brief(await check(people.root, 99n)), "internal FRESHNESS_NOT_REACHED");
      assert.equal(brief(await check(stranger, 1n)), forbidden);
      const listed = await bench.askAs(people.root, InspectService.method.listPermissions, {
        consistency: exactly(1n),
      });
      assert.equal(brief(listed), "unavailable STORAGE_UNAVAILABLE");
    } finally {
      await bench.close();
    }
  });
});
