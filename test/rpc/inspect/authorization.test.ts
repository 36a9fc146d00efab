import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { DescMethodUnary } from "@bufbuild/protobuf";
import { InspectService } from "../../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "../support/bench.ts";
import { nameOf } from "../support/services.ts";
import { askers, inspected, inspectState, type Asker } from "./support/inspect-world.ts";

const { method } = InspectService;
const ann = "user:ann@example.com";
const permission = "swarming.pools.createTask";
const inPool = (caller: string, pool = "ci") => ({
  check: { case: "pool", value: { caller, permission, pool } } as const,
});

/** What an asker gets: the reason of its error, or how much of the explanation. */
type Outcome =
  "all" | "part" | "no explanation" | "ok" | "GROUP_REQUIRED" | "ON_BEHALF_OF_FORBIDDEN";

interface Row {
  readonly what: string;
  readonly method: DescMethodUnary;
  readonly request: Readonly<Record<string, unknown>>;
  readonly outcomes: Readonly<Record<Asker, Outcome>>;
}

const readersOnly = {
  administrator: "ok",
  reader: "ok",
  owner: "GROUP_REQUIRED",
  ann: "GROUP_REQUIRED",
  delegated: "GROUP_REQUIRED",
  stranger: "GROUP_REQUIRED",
} as const;

const rows: readonly Row[] = [
  {
    what: "explaining an allow of Ann",
    method: method.explain,
    request: inPool(ann),
    outcomes: {
      administrator: "all",
      reader: "all",
      owner: "part",
      ann: "no explanation",
      delegated: "no explanation",
      stranger: "ON_BEHALF_OF_FORBIDDEN",
    },
  },
  {
    what: "explaining a denial of Ann",
    method: method.explain,
    request: inPool(ann, "secret"),
    outcomes: {
      administrator: "all",
      reader: "all",
      owner: "no explanation",
      ann: "no explanation",
      delegated: "ON_BEHALF_OF_FORBIDDEN",
      stranger: "ON_BEHALF_OF_FORBIDDEN",
    },
  },
  {
    what: "explaining a check of a service",
    method: method.explain,
    request: inPool("service:other"),
    outcomes: {
      administrator: "all",
      reader: "all",
      owner: "no explanation",
      ann: "ON_BEHALF_OF_FORBIDDEN",
      delegated: "ON_BEHALF_OF_FORBIDDEN",
      stranger: "ON_BEHALF_OF_FORBIDDEN",
    },
  },
  {
    what: "explaining a check of a task",
    method: method.explain,
    request: inPool("task:1"),
    outcomes: {
      administrator: "ON_BEHALF_OF_FORBIDDEN",
      reader: "ON_BEHALF_OF_FORBIDDEN",
      owner: "ON_BEHALF_OF_FORBIDDEN",
      ann: "ON_BEHALF_OF_FORBIDDEN",
      delegated: "ON_BEHALF_OF_FORBIDDEN",
      stranger: "ON_BEHALF_OF_FORBIDDEN",
    },
  },
  {
    what: "explaining a check of oneself",
    method: method.explain,
    request: inPool("", "secret"),
    outcomes: {
      administrator: "all",
      reader: "all",
      owner: "no explanation",
      ann: "no explanation",
      delegated: "no explanation",
      stranger: "no explanation",
    },
  },
  {
    what: "listing the permissions of oneself",
    method: method.listPermissions,
    request: {},
    outcomes: {
      administrator: "ok",
      reader: "ok",
      owner: "ok",
      ann: "ok",
      delegated: "ok",
      stranger: "ok",
    },
  },
  {
    what: "listing the permissions of Ann, in other letters",
    method: method.listPermissions,
    request: { identity: "user:ANN@example.com" },
    outcomes: { ...readersOnly, ann: "ok" },
  },
  {
    what: "listing principals",
    method: method.listPrincipals,
    request: { permission, place: { case: "pool", value: "ci" } },
    outcomes: readersOnly,
  },
  {
    what: "looking up a group",
    method: method.lookupPrincipal,
    request: { principal: { case: "group", value: "devs" } },
    outcomes: readersOnly,
  },
];

describe("InspectService", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());
  beforeEach(() => {
    bench.replica.state = inspectState();
    bench.records.length = 0;
  });

  for (const row of rows) {
    it(`lets the right askers do this, on every wire: ${row.what}`, async () => {
      for (const [asker, expected] of Object.entries(row.outcomes)) {
        const { token } = askers[asker as Asker];
        for (const { name, transport } of bench.wires) {
          const reply = await ask(transport, row.method, row.request, bearer(token));
          assert.equal(outcomeOf(reply), expected, `${asker}, ${name}`);
        }
      }
    });
  }

  it("names administrators to those who are no readers, and never the readers group", async () => {
    for (const [what, request] of [
      [method.listPrincipals, {}],
      [method.lookupPrincipal, {}],
      [method.listPermissions, { identity: ann }],
    ] as const) {
      for (const { transport } of bench.wires) {
        const reply = await ask(
          transport,
          what as DescMethodUnary,
          request,
          bearer(askers.stranger.token),
        );
        assert.equal(reply.code, "permission_denied");
        assert.deepEqual(reply.metadata, { method: nameOf(what), group: "administrators" });
        assert.match(reply.message, /is for readers: members of group "administrators" and /);
        assert.doesNotMatch(reply.message, /auditors/);
      }
    }
  });

  it("answers strangers the same about malformed identities as about good ones", async () => {
    const replies: Reply[] = [];
    const { transport } = bench.wires[0] ?? assert.fail();
    for (const identity of [ann, "user:nobody@example.com", "?", "a".repeat(10_000)]) {
      const request = { identity, pageSize: -1, pageToken: "?" };
      replies.push(
        await ask(transport, method.listPermissions, request, bearer(askers.stranger.token)),
      );
    }
    const [first, ...others] = replies.map((reply) => ({ ...reply, metadataOfCall: undefined }));
    assert.equal(first?.reason, "GROUP_REQUIRED");
    for (const other of others) assert.deepEqual(other, first);
  });

  it("has readers by the group of the settings, from the revision on that says so", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const look = () =>
      ask(
        transport,
        method.lookupPrincipal,
        { principal: { case: "group", value: "devs" } },
        bearer(askers.reader.token),
      );
    assert.equal((await look()).code, "ok");
    const { settings } = inspected;
    assert.ok(settings);
    const without = { ...inspected, settings: { ...settings, readersGroup: "" } };
    bench.replica.state = inspectState(without, 8n);
    assert.equal((await look()).reason, "GROUP_REQUIRED");
  });

  it("tells the log who asked about whom and what, and who was refused", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const headers = bearer(askers.reader.token);
    const principals = { permission, place: { case: "server", value: true } } as const;
    await ask(transport, method.explain, inPool(ann), headers);
    await ask(transport, method.explain, inPool(""), headers);
    await ask(transport, method.listPermissions, { identity: ann }, headers);
    await ask(transport, method.listPrincipals, principals, headers);
    await ask(transport, method.listPrincipals, principals, bearer(askers.ann.token));
    assert.deepEqual(
      bench.records.map(({ peer, caller, permission: asked, code }) => [peer, caller, asked, code]),
      [
        ["user:reader@example.com", ann, permission, "ok"],
        ["user:reader@example.com", "user:reader@example.com", permission, "ok"],
        ["user:reader@example.com", ann, "", "ok"],
        ["user:reader@example.com", "user:reader@example.com", permission, "ok"],
        [ann, "", "", "permission_denied"],
      ],
    );
  });
});

describe("anonymous peers of InspectService", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench({ allowAnonymous: true });
  });
  after(() => bench.close());

  it("may explain their own checks where they are allowed, and list nothing", async () => {
    const everybody = inspected.groups.map((group) => ({
      ...group,
      members: [...group.members, "anonymous:anonymous"],
    }));
    // Whatever the groups say, nobody is a reader or an owner by being anonymous.
    for (const configuration of [inspected, { ...inspected, groups: everybody }]) {
      bench.replica.state = inspectState(configuration);
      for (const { name, transport } of bench.wires) {
        const explained = await ask(transport, method.explain, inPool(""));
        assert.equal(outcomeOf(explained), "no explanation", name);
        for (const [what, request] of [
          [method.listPermissions, {}],
          [method.listPrincipals, { permission, place: { case: "server", value: true } }],
          [method.lookupPrincipal, { principal: { case: "group", value: "devs" } }],
        ] as const) {
          const refused = await ask(transport, what as DescMethodUnary, request);
          assert.equal(refused.code, "unauthenticated", name);
          assert.equal(refused.reason, "CREDENTIAL_REQUIRED", name);
        }
      }
    }
  });

  it("are refused where they are not allowed", async () => {
    const strict = await openBench();
    try {
      for (const { transport } of strict.wires) {
        const reply = await ask(transport, method.explain, inPool(""));
        assert.equal(reply.reason, "CREDENTIAL_REQUIRED");
      }
    } finally {
      await strict.close();
    }
  });
});

function outcomeOf(reply: Reply): string {
  if (reply.reason !== "") return reply.reason;
  assert.equal(reply.code, "ok");
  const response = reply.response as {
    readonly outcome?: unknown;
    readonly explanation?: { readonly redacted?: boolean };
  };
  if (response.outcome === undefined) return "ok";
  if (response.explanation === undefined) return "no explanation";
  return response.explanation.redacted === true ? "part" : "all";
}
