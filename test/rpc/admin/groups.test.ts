import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { DescMethodUnary } from "@bufbuild/protobuf";
import { groupEtag } from "../../../src/commands/group/group-etag.ts";
import { emptyConfiguration, type Group } from "../../../src/domain/model.ts";
import { GroupService } from "../../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { createOrigin } from "../../../src/replica/origin.ts";
import { adminOperations } from "../../../src/rpc/admin/operations.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "../support/bench.ts";
import { now } from "../support/keys.ts";
import { unaryMethods } from "../support/services.ts";
import { createState, group, keys } from "../support/world.ts";

const { method } = GroupService;
const root = bearer(keys.root.token);
const { revisionToken } = createState();

const team: Group = {
  ...group("team", ["user:Ann@example.com", "bot:b"]),
  description: "The team.",
  owners: "schedulers",
  globs: ["service:team-*"],
  nested: ["helpers"],
};
const groups: readonly Group[] = [
  group("administrators", ["user:root@example.com"]),
  group("schedulers", ["service:scheduler"]),
  group("helpers", []),
  team,
];

const takeOver = {
  group: "managed",
  source: "main",
  author: "user:root@example.com",
  reason: "down",
  expiresAt: "2999-01-01T00:00:00.250Z",
};

function stateOf(all: readonly Group[], revision = 7n, ofSource: readonly Group[] = []) {
  const world = new Map([
    ["", { ...emptyConfiguration, groups: all }],
    ["main", { ...emptyConfiguration, groups: ofSource }],
  ]);
  return {
    ...createState(undefined, revision),
    ...createOrigin(revision, world),
    takeOvers: new Map([["managed", takeOver]]),
  };
}

describe("GroupService", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench({ operations: adminOperations });
  });
  after(() => bench.close());
  beforeEach(() => {
    bench.replica.state = stateOf(groups, 7n, [group("managed", [])]);
  });

  const etag = groupEtag(new Uint8Array(32), "team", 7n);
  const shown = {
    name: "team",
    description: "The team.",
    owners: "schedulers",
    globs: ["service:team-*"],
    nested: ["helpers"],
    memberCount: "2",
  };
  const managed = { name: "managed", owners: "administrators", managedBy: "main" };
  const managedEtag = groupEtag(new Uint8Array(32), "managed", 7n);
  const { author, reason, expiresAt } = takeOver;
  const taken = { author, reason, expiresAt };
  const soon = new Date(now.getTime() + 1500).toISOString();
  const head = {
    name: "team",
    description: "The team.",
    owners: "schedulers",
    memberCount: "2",
    etag,
  };
  const effects = { gained: {}, lost: {} };
  const validateOnly = true;

  /** What each method answers; writes are only validated. */
  const answers: readonly (readonly [DescMethodUnary, Record<string, unknown>, object])[] = [
    [
      method.getGroup,
      { name: "team" },
      { group: { ...shown, members: ["bot:b", "user:Ann@example.com"], etag } },
    ],
    [method.getGroup, { name: "team", withoutMembers: true }, { group: { ...shown, etag } }],
    [method.listGroups, { prefix: "t" }, { groups: [head], totalSize: 1 }],
    [
      method.listMembers,
      { group: "team" },
      { members: ["bot:b", "user:Ann@example.com"], totalSize: 2 },
    ],
    [
      method.createGroup,
      { group: { name: "new", members: ["bot:a"] }, validateOnly },
      { group: { name: "new", owners: "administrators", memberCount: "1" }, effects },
    ],
    [
      method.updateGroup,
      {
        group: { name: "team", description: "x" },
        updateMask: { paths: ["description"] },
        etag,
        validateOnly,
      },
      { group: { ...shown, description: "x" }, effects },
    ],
    [method.deleteGroup, { name: "team", etag, validateOnly }, { effects }],
    [method.addMembers, { group: "team", members: ["bot:c"], validateOnly }, { added: 1, effects }],
    [
      method.removeMembers,
      { group: "team", members: ["user:ann@example.com"], validateOnly },
      { removed: 1, effects },
    ],
    [
      method.getGroup,
      { name: "managed" },
      { group: { ...managed, etag: managedEtag, takeOver: taken } },
    ],
    [
      method.listGroups,
      { prefix: "m" },
      { groups: [{ ...managed, etag: managedEtag, takeOver: taken }], totalSize: 1 },
    ],
    [
      method.takeOverGroup,
      {
        name: "managed",
        reason: "why",
        duration: { seconds: 1n, nanos: 500_000_000 },
        validateOnly,
      },
      { group: { ...managed, takeOver: { ...taken, reason: "why", expiresAt: soon } } },
    ],
    [method.returnGroup, { name: "managed", validateOnly }, { group: managed }],
  ];
  for (const [asked, request, response] of answers) {
    it(`${asked.name} answers over every wire: ${Object.keys(request).join(", ")}`, async () => {
      for (const { name, transport } of bench.wires) {
        const reply = await ask(transport, asked, request, root);
        assert.equal(reply.code, "ok", `${name}: ${reply.message}`);
        assert.deepEqual(reply.response, { ...response, revisionToken }, name);
        assert.equal(reply.metadataOfCall.get("fleetgate-revision"), revisionToken, name);
      }
    });
  }

  const transport = () => (bench.wires[0] ?? assert.fail()).transport;

  it("refuses anonymous peers", async () => {
    for (const asked of unaryMethods(GroupService)) {
      assert.equal((await ask(transport(), asked, {}, {})).code, "unauthenticated");
    }
  });

  async function allPages(asked: DescMethodUnary, request: object): Promise<Reply[]> {
    const replies: Reply[] = [];
    for (let pageToken = ""; ;) {
      const reply = await ask(transport(), asked, { ...request, pageSize: 1000, pageToken }, root);
      replies.push(reply);
      pageToken = (reply.response as { nextPageToken?: string }).nextPageToken ?? "";
      if (pageToken === "") return replies;
    }
  }

  it("lists 70,000 groups and 70,000 members completely, by pages", async () => {
    const numbers = Array.from({ length: 70_000 }, (_, index) => index);
    const members = numbers.map((index) => `user:u${index}@example.com`);
    const many = numbers.map((index) => group(`g${index}`, []));
    bench.replica.state = stateOf([...groups, ...many, group("large", members)]);
    const pages = await allPages(method.listGroups, { prefix: "g" });
    const names = pages.flatMap(({ response }) =>
      (response as { groups: { name: string }[] }).groups.map(({ name }) => name),
    );
    assert.deepEqual(names, many.map(({ name }) => name).sort());
    const listed = await allPages(method.listMembers, { group: "large" });
    assert.deepEqual(
      listed.flatMap(({ response }) => (response as { members: string[] }).members),
      members.sort(),
    );
    const [first] = listed;
    assert.equal((first?.response as { totalSize?: number } | undefined)?.totalSize, 70_000);
  });

  it("binds a page to its list, its peer and its revision", async () => {
    const first = await ask(transport(), method.listGroups, { pageSize: 1 }, root);
    const { nextPageToken: pageToken } = first.response as { nextPageToken: string };
    const next = (request: object, headers = root) =>
      ask(transport(), method.listGroups, { pageSize: 1, pageToken, ...request }, headers);
    assert.equal((await next({})).code, "ok");
    const scheduler = bearer(keys.scheduler.token);
    assert.equal((await next({}, scheduler)).reason, "PAGE_TOKEN_INVALID");
    assert.equal((await next({ prefix: "t" })).reason, "PAGE_TOKEN_INVALID");
    const members = { group: "team", pageToken };
    assert.equal(
      (await ask(transport(), method.listMembers, members, root)).reason,
      "PAGE_TOKEN_INVALID",
    );
    bench.replica.state = stateOf(groups, 8n);
    assert.equal((await next({})).reason, "PAGE_TOKEN_INVALID");
  });

  it("lists after each change what is there then, and to each what they may read", async () => {
    bench.replica.state = stateOf(groups);
    const names = async (headers: Record<string, string>): Promise<readonly string[]> => {
      const { response } = await ask(transport(), method.listGroups, {}, headers);
      return ((response as { groups?: { name: string }[] }).groups ?? []).map(({ name }) => name);
    };
    const all = ["administrators", "helpers", "schedulers", "team"];
    assert.deepEqual(await names(root), all);
    assert.deepEqual(await names(bearer(keys.scheduler.token)), ["team"]);
    assert.deepEqual(await names(bearer(keys.ann.token)), []);
    bench.replica.state = stateOf([...groups, group("new", [])], 8n);
    assert.deepEqual(await names(root), [...all, "new"].sort());
  });

  it("reads what is as fresh as asked", async () => {
    bench.replica.next = stateOf([...groups, group("new", [])], 8n);
    const stale = await ask(transport(), method.getGroup, { name: "new" }, root);
    assert.equal(stale.reason, "NOT_FOUND");
    const consistency = { requirement: { case: "fullyConsistent" as const, value: true } };
    const fresh = await ask(transport(), method.getGroup, { name: "new", consistency }, root);
    assert.equal(fresh.code, "ok");
  });
});
