import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  create,
  toBinary,
  type DescMethodUnary,
  type Message,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import * as fc from "fast-check";
import {
  defaultSettings,
  emptyConfiguration,
  type Configuration,
  type Group,
} from "../../../src/domain/model.ts";
import {
  AddMembersRequestSchema,
  CreateGroupRequestSchema,
  DeleteGroupRequestSchema,
  GetGroupRequestSchema,
  GroupService,
  ImportGroupsRequestSchema,
  ListGroupsRequestSchema,
  ListGroupsResponseSchema,
  ListMembersRequestSchema,
  RemoveMembersRequestSchema,
  ReturnGroupRequestSchema,
  TakeOverGroupRequestSchema,
  UpdateGroupRequestSchema,
} from "../../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import type { TakeOverBody } from "../../../src/domain/entity.ts";
import { adminOperations } from "../../../src/rpc/admin/operations.ts";
import { createOrigin } from "../../../src/replica/origin.ts";
import type { ReplicaState } from "../../../src/replica/state.ts";
import { ask, bearer, openBench, type Bench } from "../support/bench.ts";
import { envelope, exchangeHttp2 } from "../support/exchange.ts";
import { rawCalls, textOf, type RawCall } from "../support/raw-calls.ts";
import { binding, createState, keys } from "../support/world.ts";

const { method } = GroupService;

const plain = { description: "", owners: "administrators", members: [], globs: [], nested: [] };
const hiddenNames = ["h1", "h2", "h3", "x/h4", "zz"] as const;

/** What is the same in all worlds: what the askers may read, and what holds their rights. */
const shared: readonly Group[] = [
  { ...plain, name: "administrators", members: ["user:root@example.com"] },
  { ...plain, name: "team-owners", members: ["service:scheduler"] },
  { ...plain, name: "group-creators", members: ["service:narrow"] },
  { ...plain, name: "group-importers", members: ["service:narrow"] },
  {
    ...plain,
    name: "team",
    owners: "team-owners",
    members: ["user:a@x.y"],
    nested: ["h1", "inner"],
  },
  { ...plain, name: "inner", owners: "team-owners", globs: ["bot:*"] },
  { ...plain, name: "ldap/a", members: ["user:a@x.y"] },
];

/** What a state is made of. */
interface HiddenWorld {
  readonly configurations: ReadonlyMap<string, Configuration>;
  readonly takeOvers: readonly TakeOverBody[];
}

/** Worlds that differ in what only readers may read. */
const worlds: fc.Arbitrary<HiddenWorld> = fc
  .record({
    hidden: fc.subarray([...hiddenNames]).chain((names) =>
      fc.tuple(
        ...names.map((name) =>
          fc.record({
            name: fc.constant<string>(name),
            description: fc.constantFrom("", "secret"),
            owners: fc.constantFrom("administrators", name),
            members: fc.subarray(["user:s@x.y", "bot:s"]),
            globs: fc.subarray(["service:z*"]),
            nested: fc.subarray(names.filter((other) => other > name)),
          }),
        ),
      ),
    ),
    managed: fc.boolean(),
    taken: fc.subarray([...hiddenNames]),
    expiresAt: fc.constantFrom("2000-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z"),
    bound: fc.subarray([...hiddenNames]),
    readersGroup: fc.constantFrom("", "h1", "zz"),
    usersGroup: fc.constantFrom("", "h2", "h3"),
    members: fc.subarray(["user:admin@x.y"]),
    // One of those that refer to what the asker may read is hidden in every world: its number is told.
    referrer: fc.constantFrom("h0", "h9", "realm", "settings"),
  })
  .map(({ hidden, managed, taken, expiresAt, bound, referrer, ...names }) => {
    const { readersGroup, usersGroup, members } = names;
    const policy: Configuration = {
      ...emptyConfiguration,
      settings: {
        ...defaultSettings,
        readersGroup,
        usersGroup,
        adminsGroup: referrer === "settings" ? "inner" : "",
      },
      projects: [
        {
          name: "p",
          customRoles: [],
          realms: [...bound, ...(referrer === "realm" ? ["inner"] : [])].map((name, index) => ({
            name: `r${index}`,
            extends: [],
            bindings: [binding("role/swarming.poolUser", `group:${name}`)],
          })),
        },
      ],
    };
    const own = shared.map((it) =>
      it.name === "administrators" ? { ...it, members: [...it.members, ...members] } : it,
    );
    if (referrer.startsWith("h")) own.push({ ...plain, name: referrer, nested: ["inner"] });
    const takeOvers = hidden
      .filter(({ name }) => managed && taken.some((each) => each === name))
      .map(({ name }) => ({
        ...{ group: name, source: "main", author: "user:admin@x.y", reason: "secret", expiresAt },
      }));
    const configurations = new Map([
      ["", { ...emptyConfiguration, groups: managed ? own : [...own, ...hidden] }],
      ["main", managed ? { ...policy, groups: hidden } : policy],
    ]);
    return { configurations, takeOvers };
  });

function stateOf({ configurations, takeOvers }: HiddenWorld): ReplicaState {
  return {
    ...createState(),
    ...createOrigin(7n, configurations),
    takeOvers: new Map(takeOvers.map((takeOver) => [takeOver.group, takeOver])),
  };
}

const anyName = fc.constantFrom(
  "team",
  "inner",
  ...hiddenNames,
  "never",
  "x/never",
  "A B",
  "",
  "administrators",
);
/** Mostly the usual, so that requests get beyond their syntax. */
const mostly = <T>(usual: fc.Arbitrary<T>, ...rare: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: usual, weight: 12 }, { arbitrary: fc.constantFrom(...rare), weight: 1 });

const anyMembers = mostly(fc.subarray(["user:a@x.y", "user:A@x.y", "bot:new", "user:s@x.y"]), [
  "nobody",
]);
const nestable = fc.subarray(["h1", "h2", "inner", "zz", "never", "administrators"], {
  maxLength: 2,
});
const maybeGuards = mostly<object | undefined>(
  fc.constant(undefined),
  { maxGained: 1 },
  { maxLost: -1 },
  { allowLockOut: true },
);
const anyReason = mostly(fc.constantFrom("", "why"), "\n");

/** A call of one method. */
interface Asked {
  readonly method: DescMethodUnary;
  readonly message: Message;
}

/** Every unary method with random requests; writes are only validated. `creatable`: names of new groups. */
function anyCall(creatable: readonly string[]): fc.Arbitrary<Asked> {
  const write = { validateOnly: fc.constant(true), reason: anyReason, guards: maybeGuards };
  const group = (names: fc.Arbitrary<string>) =>
    fc.record({
      name: names,
      owners: fc.constantFrom("", "h1", "team", "team-owners", "never", "zz"),
      members: anyMembers,
      globs: mostly(fc.subarray(["bot:*"]), ["*"]),
      nested: nestable,
    });
  const page = { pageSize: fc.constantFrom(0, 1, 2, -1), pageToken: fc.constantFrom("", "x") };
  const fields = ["description", "owners", "members", "globs", "nested"];
  const paths = mostly(fc.subarray(fields, { minLength: 1 }), [], ["*"]);
  const etag = mostly(fc.constant(""), "x");
  return fc.oneof(
    fc
      .record({ group: group(fc.constantFrom(...creatable)), ...write })
      .map((it) => ({ method: method.createGroup, message: create(CreateGroupRequestSchema, it) })),
    fc
      .record({ name: anyName, withoutMembers: fc.boolean() })
      .map((it) => ({ method: method.getGroup, message: create(GetGroupRequestSchema, it) })),
    fc
      .record({ ...page, prefix: fc.constantFrom("", "h", "t", "x/", "?") })
      .map((it) => ({ method: method.listGroups, message: create(ListGroupsRequestSchema, it) })),
    fc
      .record({ ...page, group: anyName })
      .map((it) => ({ method: method.listMembers, message: create(ListMembersRequestSchema, it) })),
    fc
      .record({
        group: group(anyName),
        updateMask: paths.map((list) => ({ paths: list })),
        etag,
        ...write,
      })
      .map((it) => ({
        method: method.updateGroup,
        message: create(UpdateGroupRequestSchema, it),
      })),
    fc
      .record({ name: anyName, etag, ...write })
      .map((it) => ({ method: method.deleteGroup, message: create(DeleteGroupRequestSchema, it) })),
    fc
      .record({ group: anyName, members: anyMembers, ...write })
      .map((it) => ({ method: method.addMembers, message: create(AddMembersRequestSchema, it) })),
    fc.record({ group: anyName, members: anyMembers, ...write }).map((it) => ({
      method: method.removeMembers,
      message: create(RemoveMembersRequestSchema, it),
    })),
    fc
      .record({
        name: anyName,
        ...{ validateOnly: fc.constant(true), reason: anyReason },
        duration: mostly<object | undefined>(fc.constant({ seconds: 60n }), undefined, {}),
      })
      .map((it) => ({
        method: method.takeOverGroup,
        message: create(TakeOverGroupRequestSchema, it),
      })),
    fc
      .record({ name: anyName, validateOnly: fc.constant(true), reason: anyReason })
      .map((it) => ({ method: method.returnGroup, message: create(ReturnGroupRequestSchema, it) })),
  );
}

const everyName = ["team", "inner", ...hiddenNames, "never", "x/never", "A B"];
/** Whoever creates groups learns which names are taken, or hung on: docs/groups.md. */
const freeNames = ["never", "team", "x/never", "A B"];

const askers = [
  { who: "somebody without any right", token: keys.ann.token, calls: anyCall(everyName) },
  { who: "the owner of some groups", token: keys.scheduler.token, calls: anyCall(everyName) },
  { who: "who creates and imports groups", token: keys.narrow.token, calls: anyCall(freeNames) },
] as const;

/** What the methods come to at best for the owner, other than "ok". */
const forOwner: Readonly<Record<string, string>> = {
  CreateGroup: "GROUP_REQUIRED",
  DeleteGroup: "IN_USE",
  TakeOverGroup: "GROUP_FORBIDDEN",
  ReturnGroup: "GROUP_FORBIDDEN",
};

describe("answers of GroupService", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench({ operations: adminOperations });
  });
  after(() => bench.close());

  const sameAnswers = (token: string, calls: fc.Arbitrary<Asked>) =>
    fc.asyncProperty(
      worlds,
      worlds,
      fc.array(calls, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(...Object.keys(rawCalls)),
      async (one, two, items, form) => {
        const call = rawCalls[form] ?? assert.fail();
        bench.replica.state = stateOf(one);
        const first = await askEverything(bench, token, items, call);
        bench.replica.state = stateOf(two);
        assert.deepEqual(await askEverything(bench, token, items, call), first);
        assert.ok(first.every((answer) => !/INTERNAL_FAULT|STORAGE_UNAVAILABLE/.test(answer)));
      },
    );

  for (const { who, token, calls } of askers) {
    it(`are the same bytes in worlds that differ in what the asker may not read, for ${who}`, async () => {
      await fc.assert(sameAnswers(token, calls), { numRuns: 150 });
    });
  }

  it("do differ for a reader", async () => {
    const property = sameAnswers(keys.root.token, anyCall(everyName));
    const { failed } = await fc.check(property, { numRuns: 50, endOnFailure: true });
    assert.ok(failed);
  });

  it("succeed in some calls of each method for the owner, so that equality says something", async () => {
    bench.replica.state = stateOf(fc.sample(worlds, 1)[0] ?? assert.fail());
    const codes = new Map<string, Set<string>>();
    for (const { method: asked, message } of fc.sample(anyCall(everyName), 800)) {
      const { transport } = bench.wires[0] ?? assert.fail();
      const { code, reason } = await ask(transport, asked, message, bearer(keys.scheduler.token));
      const seen = codes.get(asked.name) ?? new Set();
      codes.set(asked.name, seen.add(reason || code));
    }
    for (const [name, seen] of codes) {
      const wanted = forOwner[name] ?? "ok";
      assert.ok(seen.has(wanted), `${name}: ${[...seen].join(", ")}`);
    }
    assert.equal(codes.size, 10);
  });
});

async function askEverything(
  bench: Bench,
  token: string,
  items: readonly Asked[],
  call: RawCall,
): Promise<string[]> {
  const answers: string[] = [];
  for (const { method: asked, message } of items) {
    answers.push(textOf(await call(bench, token, asked, message)));
  }
  answers.push(await allPages(bench, token), await validateImport(bench, token));
  return answers;
}

/** All groups by pages of one: tokens and sizes are part of what is told. */
async function allPages(bench: Bench, token: string): Promise<string> {
  const { transport } = bench.wires[0] ?? assert.fail();
  const pages: unknown[] = [];
  for (let pageToken = ""; pages.length < 100;) {
    const request = { pageSize: 1, pageToken };
    const { response } = await ask(transport, method.listGroups, request, bearer(token));
    pages.push(response);
    const page = create(ListGroupsResponseSchema, response as object);
    pageToken = page.nextPageToken;
    if (pageToken === "") break;
  }
  return JSON.stringify(pages);
}

async function validateImport(bench: Bench, token: string): Promise<string> {
  const parts: MessageInitShape<typeof ImportGroupsRequestSchema>["part"][] = [
    { case: "options", value: { prefix: "ldap", validateOnly: true } },
    { case: "group", value: { name: "ldap/b", members: ["user:a@x.y"] } },
    { case: "end", value: { messages: 1n } },
  ];
  const messages = parts.map((part) => {
    const message = create(ImportGroupsRequestSchema, part === undefined ? {} : { part });
    return envelope(toBinary(ImportGroupsRequestSchema, message));
  });
  const reply = await exchangeHttp2(bench.session, {
    path: "/fleetgate.admin.v1.GroupService/ImportGroups",
    headers: { ...bearer(token), "content-type": "application/grpc", te: "trailers" },
    body: Buffer.concat(messages),
  });
  return textOf(reply);
}
