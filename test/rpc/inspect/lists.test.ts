import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { toJson, create, type DescMessage, type DescMethodUnary } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { maxPageSize } from "../../../src/commands/page-size.ts";
import { parseIdentity } from "../../../src/domain/identity.ts";
import type { Configuration } from "../../../src/domain/model.ts";
import { listPermissions } from "../../../src/engine/inspect/list-permissions.ts";
import { listPrincipals } from "../../../src/engine/inspect/list-principals.ts";
import { lookupPrincipal } from "../../../src/engine/inspect/lookup-principal.ts";
import {
  GroupMembershipSchema,
  InspectService,
  PermissionSetSchema,
  PermittedPrincipalSchema,
} from "../../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { inspectionOf } from "../../../src/replica/inspection.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "../support/bench.ts";
import { group } from "../support/world.ts";
import { askers, inspected, inspectState } from "./support/inspect-world.ts";

const { method } = InspectService;
const ann = "user:ann@example.com";
const permission = "swarming.pools.createTask";
const reader = bearer(askers.reader.token);
const administrator = bearer(askers.administrator.token);

/** Many realms, pools, members and groups: more than one page of everything. */
const large: Configuration = {
  ...inspected,
  projects: inspected.projects.map((project) => ({
    ...project,
    realms: [
      ...project.realms,
      ...numbers(40).map((index) => ({ name: `r${index}`, extends: ["ci"], bindings: [] })),
    ],
  })),
  pools: [
    ...inspected.pools,
    ...numbers(30).map((index) => ({
      name: `p${index}`,
      realm: `acme:r${index}`,
      defaultTaskRealm: "",
    })),
  ],
  groups: [
    ...inspected.groups.filter(({ name }) => name !== "linux-devs"),
    group("linux-devs", [ann, ...numbers(60).map((index) => `user:dev${index}@example.com`)]),
    ...numbers(50).map((index) => ({ ...group(`outer-${index}`, []), nested: ["linux-devs"] })),
  ],
};

interface List {
  readonly method: DescMethodUnary;
  readonly request: Readonly<Record<string, unknown>>;
  /** The field of the response that holds the entries. */
  readonly field: string;
  /** All of it, as the engine lists it, in JSON. */
  readonly whole: () => readonly unknown[];
  /** The same question about something else. */
  readonly other: Readonly<Record<string, unknown>>;
}

const state = inspectState(large);
const annId = parseIdentity(ann) ?? assert.fail();

const lists: readonly List[] = [
  {
    method: method.listPermissions,
    request: { identity: ann },
    field: "permissionSets",
    whole: () =>
      listPermissions(inspectionOf(state), annId).map(({ place, permissions }) =>
        json(PermissionSetSchema, {
          place:
            place.kind === "server"
              ? { case: "server", value: true }
              : place.kind === "realm"
                ? { case: "realm", value: place.realm }
                : { case: "pool", value: place.pool },
          permissions,
        }),
      ),
    other: { identity: "user:bob@example.com" },
  },
  {
    method: method.listPrincipals,
    request: { permission, place: { case: "pool", value: "ci" } },
    field: "principals",
    whole: () =>
      listPrincipals(inspectionOf(state), permission, { kind: "pool", pool: "ci" }).map(
        ({ kind, name, via }) =>
          json(PermittedPrincipalSchema, { principal: { case: kind, value: name }, via }),
      ),
    other: { permission, place: { case: "realm", value: "acme:ci" } },
  },
  {
    method: method.lookupPrincipal,
    request: { principal: { case: "identity", value: ann } },
    field: "memberships",
    whole: () =>
      (lookupPrincipal(inspectionOf(state), { kind: "identity", identity: ann }) ?? []).map(
        (membership) => json(GroupMembershipSchema, { ...membership }),
      ),
    other: { principal: { case: "group", value: "devs" } },
  },
];

describe("lists of InspectService", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());
  beforeEach(() => {
    bench.replica.state = state;
    bench.replica.next = undefined;
    bench.replica.failure = undefined;
  });

  const askOne = (
    { method: asked }: List,
    request: Readonly<Record<string, unknown>>,
    headers = reader,
    wire = 4,
  ): Promise<Reply> => ask((bench.wires[wire] ?? assert.fail()).transport, asked, request, headers);

  for (const list of lists) {
    const { name } = list.method;

    it(`${name}: pages of any size are together what the engine lists, each once`, async () => {
      const whole = list.whole();
      assert.ok(whole.length > 40, `${whole.length}`);
      const property = fc.asyncProperty(
        fc.integer({ min: 1, max: whole.length + 5 }),
        fc.nat(5),
        async (pageSize, wire) => {
          const found: unknown[] = [];
          let pages = 0;
          for (let pageToken = "", more = true; more; pages += 1) {
            const request = { ...list.request, pageSize, pageToken };
            const reply = await askOne(list, request, reader, wire);
            const page = reply.response as Readonly<Record<string, unknown>>;
            const entries = (page[list.field] ?? []) as readonly unknown[];
            assert.equal(page["totalSize"], whole.length);
            assert.equal(page["revisionToken"], state.revisionToken);
            assert.ok(entries.length <= pageSize);
            found.push(...entries);
            pageToken = (page["nextPageToken"] ?? "") as string;
            more = pageToken !== "";
            assert.equal(entries.length === pageSize || !more, true);
          }
          assert.deepEqual(found, whole);
          assert.equal(pages, Math.ceil(whole.length / pageSize));
        },
      );
      await fc.assert(property, { numRuns: 12 });
    });

    it(`${name}: a page token serves its peer, its query and its revision only`, async () => {
      const first = await askOne(list, { ...list.request, pageSize: 7 });
      const { nextPageToken } = first.response as { readonly nextPageToken: string };
      const next = { ...list.request, pageSize: 3, pageToken: nextPageToken };
      assert.equal((await askOne(list, next)).code, "ok");

      const refused: Reply[] = [
        await askOne(list, next, administrator),
        await askOne(list, { ...next, ...list.other }),
        await askOne(list, { ...next, pageToken: `${nextPageToken}A` }),
        await askOne(list, { ...next, pageToken: nextPageToken.replace(/^./, "_") }),
        await askOne(list, { ...next, pageToken: "10" }),
      ];
      for (const other of lists) {
        if (other === list) continue;
        refused.push(await askOne(other, { ...other.request, pageToken: nextPageToken }));
      }
      // Another revision, and the same one in a history that took the place of this one.
      bench.replica.state = inspectState(large, 8n);
      refused.push(await askOne(list, next));
      bench.replica.state = { ...state, revisionToken: `${state.revisionToken}-other` };
      refused.push(await askOne(list, next));
      for (const [index, reply] of refused.entries()) {
        assert.equal(reply.code, "invalid_argument", `${index}`);
        assert.equal(reply.reason, "PAGE_TOKEN_INVALID", `${index}`);
      }
      bench.replica.state = state;
      assert.equal((await askOne(list, next)).code, "ok");
    });

    it(`${name}: a page may have 1 to ${maxPageSize} entries, 100 unless asked, never less than none`, async () => {
      const whole = list.whole();
      const sizeOf = async (pageSize: number): Promise<number> => {
        const reply = await askOne(list, { ...list.request, pageSize });
        const page = reply.response as Readonly<Record<string, readonly unknown[]>>;
        return page[list.field]?.length ?? 0;
      };
      assert.equal(await sizeOf(0), Math.min(100, whole.length));
      assert.equal(await sizeOf(1), 1);
      assert.equal(await sizeOf(2_147_483_647), whole.length);
      const negative = await askOne(list, { ...list.request, pageSize: -1 });
      assert.equal(negative.metadata["field"], "page_size");
    });

    it(`${name}: answers from as fresh a snapshot as asked, or is UNAVAILABLE`, async () => {
      const fully = { requirement: { case: "fullyConsistent", value: true } };
      const request = { ...list.request, consistency: fully };
      bench.replica.next = inspectState(large, 8n);
      const fresh = await askOne(list, request);
      const { revisionToken } = fresh.response as { readonly revisionToken: string };
      assert.equal(revisionToken, inspectState(large, 8n).revisionToken);
      bench.replica.failure = new Error("storage is down");
      for (const failed of [fully, { requirement: { case: "fullyConsistent", value: false } }]) {
        const reply = await askOne(list, { ...request, consistency: failed });
        assert.equal(
          reply.reason,
          failed === fully ? "STORAGE_UNAVAILABLE" : "INVALID_FIELD",
          reply.message,
        );
      }
      bench.replica.state = undefined;
      assert.equal((await askOne(list, list.request)).code, "unavailable");
    });
  }

  const task = { taskId: "t", realm: "", pool: "", botId: "", submitter: "" };
  const malformed: readonly (readonly [number, Readonly<Record<string, unknown>>, string])[] = [
    [0, { identity: "?" }, "identity"],
    [1, {}, "permission"],
    [1, { permission: "x" }, "permission"],
    [1, { permission }, "place"],
    [1, { permission, place: { case: "server", value: false } }, "server"],
    [1, { permission, place: { case: "pool", value: "a:b" } }, "pool"],
    [1, { permission, place: { case: "realm", value: "acme" } }, "realm"],
    [1, { permission, place: { case: "botId", value: " " } }, "bot_id"],
    [1, { permission, place: { case: "task", value: task } }, "permission"],
    [
      1,
      {
        permission: "swarming.tasks.get",
        place: { case: "task", value: { ...task, submitter: "ann" } },
      },
      "task.submitter",
    ],
    [2, {}, "principal"],
    [2, { principal: { case: "identity", value: "ann@example.com" } }, "identity"],
    [2, { principal: { case: "glob", value: "*" } }, "glob"],
    [2, { principal: { case: "group", value: "Devs" } }, "group"],
  ];
  for (const [index, request, field] of malformed) {
    const list = lists[index] ?? assert.fail();
    it(`${list.method.name}: refuses ${JSON.stringify(request)} for its ${field}`, async () => {
      const reply = await askOne(list, request);
      assert.equal(reply.reason, "INVALID_FIELD");
      assert.equal(reply.metadata["field"], field);
    });
  }

  it("ListPrincipals: takes every place, and answers for it", async () => {
    const [, list] = lists;
    assert.ok(list);
    const places: readonly (readonly [string, unknown, string])[] = [
      ["server", true, "swarming.servers.peek"],
      ["pool", "ci", permission],
      ["realm", "acme:ci", permission],
      ["botId", "ci-1", permission],
      ["task", { ...task, submitter: "user:SUB@example.com" }, "swarming.tasks.get"],
    ];
    for (const [kind, value, asked] of places) {
      const reply = await askOne(list, { permission: asked, place: { case: kind, value } });
      const { principals } = reply.response as {
        readonly principals: readonly Readonly<Record<string, unknown>>[];
      };
      assert.ok(principals.length > 0, kind);
      if (kind === "task") {
        assert.ok(principals.some(({ submitter }) => submitter === "user:SUB@example.com"));
      }
    }
  });

  it("LookupPrincipal: says NOT_FOUND of a group that there is not, and only of groups", async () => {
    const [, , list] = lists;
    assert.ok(list);
    const missing = await askOne(list, { principal: { case: "group", value: "nobody" } });
    assert.equal(missing.reason, "NOT_FOUND");
    assert.deepEqual(missing.metadata, { group: "nobody" });
    for (const principal of [
      { case: "identity", value: "user:zoe@example.com" },
      { case: "glob", value: "user:*" },
    ]) {
      const reply = await askOne(list, { principal });
      assert.deepEqual(reply.response, { revisionToken: state.revisionToken });
    }
  });

  it("ListPermissions: about oneself goes by the spelling of the credential", async () => {
    const [list] = lists;
    assert.ok(list);
    const headers = bearer(askers.ann.token);
    const own = await askOne(list, {}, headers);
    const shouted = await askOne(list, { identity: "user:ANN@EXAMPLE.com" }, headers);
    assert.deepEqual(shouted.response, own.response);
    assert.equal((own.response as { totalSize: number }).totalSize, list.whole().length);
  });
});

function json(schema: DescMessage, init: Readonly<Record<string, unknown>>): unknown {
  return toJson(schema, create(schema, structuredClone(init)) as never);
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
