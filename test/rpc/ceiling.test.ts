import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { DescMethodUnary, JsonObject } from "@bufbuild/protobuf";
import { fromJson } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { defaultSettings } from "../../src/domain/model.ts";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { InspectService } from "../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "./support/bench.ts";
import { createFakeCredentials, makeCredential, makeTask } from "./support/fake-credentials.ts";
import { binding, createState, delegation, group, usual } from "./support/world.ts";

const { method } = AclService;
const permissions = [
  "swarming.pools.createTask",
  "swarming.pools.listBots",
  "swarming.tasks.get",
  "swarming.tasks.cancel",
  "swarming.tasks.createInRealm",
  "swarming.pools.listTasks",
];

/** Task `t1` may do everything in pool `ci` and realm `acme:tasks`, and ask about anybody. */
const generous = {
  ...usual,
  settings: { ...defaultSettings, delegations: [delegation("askers")] },
  groups: [...usual.groups, group("askers", ["task:t1"])],
  projects: usual.projects.map((project) => ({
    ...project,
    customRoles: [{ name: "customRole/all", permissions, includes: [], unresolved: false }],
    realms: project.realms.map((realm) => ({
      ...realm,
      bindings:
        realm.name === "pools/secret"
          ? []
          : [...realm.bindings, binding("customRole/all", "task:t1")],
    })),
  })),
};

/** The same, but for task `t1`, which may do nothing. */
const mean = {
  ...generous,
  projects: generous.projects.map((project) => ({
    ...project,
    realms: project.realms.map((realm) => ({
      ...realm,
      bindings: realm.bindings.filter(({ role }) => role !== "customRole/all"),
    })),
  })),
};

/** A question, and the permission that it is about. */
interface Asked {
  readonly permission: string;
  readonly method: DescMethodUnary;
  readonly request: JsonObject;
}

function questionsAbout(permission: string): readonly Asked[] {
  const pools = ["ci", "secret", "ci"];
  const some: Asked[] = [
    { permission, method: method.checkServerPerm, request: { permission } },
    { permission, method: method.checkPoolPerm, request: { permission, pool: "ci" } },
    { permission, method: method.checkPoolPerm, request: { permission, pool: "gone" } },
    { permission, method: method.checkAllPoolsPerm, request: { permission, pools: ["ci"] } },
    { permission, method: method.checkAllPoolsPerm, request: { permission, pools: ["ci", "ci"] } },
    { permission, method: method.checkAllPoolsPerm, request: { permission, pools } },
    { permission, method: method.checkAnyPoolsPerm, request: { permission, pools } },
    { permission, method: method.filterPoolsByPerm, request: { permission, pools } },
    { permission, method: method.checkBotPerm, request: { permission, botId: "ci-1" } },
  ];
  for (const reasons of [false, true]) {
    for (const resources of [
      { pools: { names: pools } },
      { bots: { ids: ["ci-1", "hidden-1"] } },
    ]) {
      const request = { permission, ...resources, reasons };
      some.push({ permission, method: method.batchCheckPacked, request });
    }
  }
  if (permission === "swarming.tasks.get" || permission === "swarming.tasks.cancel") {
    for (const task of [
      { taskId: "t", pool: "ci" },
      { taskId: "t", realm: "acme:tasks" },
      { taskId: "t", submitter: "task:t1" },
      { taskId: "t" },
    ]) {
      some.push({ permission, method: method.checkTaskPerm, request: { permission, task } });
      const tasks = { infos: [task, { taskId: "u", botId: "ci-1" }] };
      const request = { permission, tasks, reasons: true };
      some.push({ permission, method: method.batchCheckPacked, request });
    }
  }
  if (permission === "swarming.tasks.createInRealm") {
    for (const realm of ["acme:tasks", "acme:pools/secret", "x:y"]) {
      some.push({ permission, method: method.checkCreateInRealm, request: { realm } });
    }
  }
  return some;
}

const questions = permissions.flatMap(questionsAbout);

/** How a check of each method is named in a batch and an explanation; what is missing cannot be part of one. */
const batchNames: Readonly<Record<string, string>> = {
  CheckServerPerm: "server",
  CheckPoolPerm: "pool",
  CheckAllPoolsPerm: "allPools",
  CheckAnyPoolsPerm: "anyPools",
  FilterPoolsByPerm: "filterPools",
  CheckTaskPerm: "task",
  CheckBotPerm: "bot",
  CheckCreateInRealm: "createInRealm",
};

describe("U34: the ceiling of a task's credential", () => {
  const fake = createFakeCredentials();
  let bench: Bench;
  before(async () => {
    bench = await openBench({ credentials: fake.area });
  });
  after(() => bench.close());
  beforeEach(() => {
    fake.reset();
    bench.replica.state = createState(generous);
  });

  const subject = makeTask("t1");
  const tokenOf = (listed: readonly string[], use: "all" | "report" = "all"): string =>
    fake.admit(makeCredential("task", "t1", { subject, permissions: listed }), use);

  const answer = async (
    { method: asked, request }: Asked,
    token: string,
    { state = generous, wire = 0, more = {} } = {},
  ): Promise<string> => {
    bench.replica.state = createState(state);
    const { transport } = bench.wires[wire] ?? assert.fail();
    const message = fromJson(asked.input, { ...request, ...more });
    return withoutHeaders(await ask(transport, asked, message as never, bearer(token)));
  };

  it("is the intersection with what the realms give, in every method, on every wire", async () => {
    const everything = tokenOf(permissions);
    const open = await Promise.all(questions.map((one) => answer(one, everything)));
    assert.ok(open.some((text) => text.includes('"ok"')) && open.some((t) => t.includes("denied")));
    await fc.assert(
      fc.asyncProperty(
        fc.subarray([...permissions, "a.b.c"]),
        fc.nat(5),
        fc.nat(questions.length - 1),
        async (listed, wire, at) => {
          const one = questions[at] ?? assert.fail();
          const token = tokenOf(listed);
          const given = await answer(one, token, { wire });
          // The engine permits a submitter whatever the realms say; a ceiling does not.
          const bare = withoutSubmitter(one);
          const wanted = listed.includes(one.permission)
            ? (open[at] ?? "")
            : await answer(bare, token, { state: mean });
          assert.equal(given, wanted);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("denies every check to a task that may only report, as if it had nothing", async () => {
    for (const one of questions) {
      const given = await answer(one, tokenOf(permissions, "report"));
      assert.equal(given, await answer(withoutSubmitter(one), tokenOf([]), { state: mean }));
    }
  });

  it("is the same in a batch, and an explanation agrees with the check", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    for (const listed of [["swarming.tasks.get"], ["swarming.pools.listBots"], []]) {
      const token = tokenOf(listed);
      for (const one of questions) {
        const name = batchNames[one.method.name];
        if (name === undefined) continue;
        const single = await answer(one, token);
        const json = { checks: [{ [name]: one.request }] };
        const batch = fromJson(method.batchCheck.input, json);
        const { response } = await ask(transport, method.batchCheck, batch, bearer(token));
        const { outcomes } = response as { outcomes: { status?: { code?: number } }[] };
        const outcome = JSON.stringify(outcomes[0]);
        assert.equal((outcomes[0]?.status?.code ?? 0) === 0, single.includes('"ok"'));
        const { explain } = InspectService.method;
        const question = fromJson(explain.input, { [name]: one.request });
        const explained = await ask(transport, explain, question, bearer(token));
        const found = explained.response as { outcome?: unknown; pools?: string[] };
        const told = { status: found.outcome, ...(found.pools && { pools: found.pools }) };
        assert.deepEqual(told, JSON.parse(outcome), `${one.method.name} ${one.permission}`);
      }
    }
  });

  it("bounds what a task is told of its own permissions", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const { listPermissions } = InspectService.method;
    const listOf = async (listed: readonly string[]): Promise<Listed[]> => {
      const reply = await ask(transport, listPermissions, {}, bearer(tokenOf(listed)));
      return (reply.response as { permissionSets?: Listed[] }).permissionSets ?? [];
    };
    const all = await listOf(permissions);
    assert.ok(all.length > 1);
    for (const listed of [permissions.slice(0, 2), ["swarming.tasks.get"], []]) {
      const wanted = all
        .map((set) => ({
          ...set,
          permissions: set.permissions.filter((one) => listed.includes(one)),
        }))
        .filter((set) => set.permissions.length > 0);
      assert.deepEqual(await listOf(listed), wanted);
    }
  });

  it("bounds what a task asks about others: beyond it, it may not ask", async () => {
    const about = (permission: string): Asked => ({
      permission,
      method: method.checkPoolPerm,
      request: { permission, pool: "ci", caller: "user:ann@example.com" },
    });
    const listed = tokenOf(["swarming.pools.createTask"]);
    assert.match(await answer(about("swarming.pools.createTask"), listed), /"ok"/);
    assert.match(await answer(about("swarming.pools.listBots"), listed), /ON_BEHALF_OF_FORBIDDEN/);
    const reporting = tokenOf(permissions, "report");
    const refused = await answer(about("swarming.pools.createTask"), reporting);
    assert.match(refused, /ON_BEHALF_OF_FORBIDDEN/);
  });

  it("does not bound bots", async () => {
    const name = "bot:ci-1";
    const generousBot = JSON.parse(
      JSON.stringify(generous).replaceAll("task:t1", name),
    ) as typeof generous;
    const token = fake.admit(makeCredential("session", "ci-1"));
    const one = questions[1] ?? assert.fail();
    assert.match(await answer(one, token, { state: generousBot }), /"ok"/);
  });
});

interface Listed {
  readonly permissions: readonly string[];
}

function withoutSubmitter(one: Asked): Asked {
  const text = JSON.stringify(one.request).replaceAll('"submitter":"task:t1"', '"submitter":""');
  return { ...one, request: JSON.parse(text) as JsonObject };
}

function withoutHeaders(reply: Reply): string {
  return JSON.stringify({ ...reply, metadataOfCall: undefined });
}
