import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DomainError } from "../../../src/domain/errors.ts";
import { defaultSettings } from "../../../src/domain/model.ts";
import { listPrincipals } from "../../../src/engine/inspect/list-principals.ts";
import type { PermittedPrincipal, Place } from "../../../src/engine/inspect/listings.ts";
import { bind, bots, group, pool, realm } from "../world.ts";
import { inspect } from "./inspect-world.ts";

const get = "swarming.tasks.get";
const listTasks = "swarming.pools.listTasks";
const createTask = "swarming.pools.createTask";

const inRealm: Place = { kind: "realm", realm: "p:a" };

function onTask(parts: Partial<Record<"realm" | "pool" | "botId" | "submitter", string>>): Place {
  const task = { taskId: "t1", realm: "", pool: "", botId: "", submitter: "", ...parts };
  return { kind: "task", task };
}

/** `kind name < via, via`, one line a principal. */
function show(principals: readonly PermittedPrincipal[]): readonly string[] {
  return principals.map(({ kind, name, via }) => [`${kind} ${name}`, ...via].join(" < "));
}

describe("listPrincipals", () => {
  const inspection = inspect({
    settings: { ...defaultSettings, viewAllTasksGroup: "viewers" },
    groups: [
      group("administrators", { members: ["user:root@x"] }),
      group("viewers", { members: ["bot:v"] }),
      group("a", { members: ["user:Ann@X", "bot:b"], nested: ["inner", "b"] }),
      group("b", { members: ["user:ann@x"], globs: ["user:*@y"], nested: ["inner"] }),
      group("inner", { members: ["bot:B", "bot:b"], globs: ["user:*@y", "bot:z*"] }),
      group("other", { members: ["user:no@x"], nested: ["a"] }),
    ],
    realms: [
      realm(
        "p:a",
        bind(createTask, ["group:a", "group:b", "user:Zed@X", "bot:b", "group:ghosts"]),
        bind(createTask, ["user:maybe@x"], [{ attribute: "a", values: ["v"] }]),
        bind(get, ["user:getter@x"]),
        bind(listTasks, ["user:lister@x"]),
      ),
      realm("p:@root", bind(listTasks, ["user:rooter@x"])),
    ],
    pools: [pool("one", "p:a"), pool("rooted", "p:gone")],
    botGroups: [bots("vms", { botIds: ["vm1"], pools: ["one", "rooted", "ghost"] })],
  });
  const list = (permission: string, place: Place): readonly string[] =>
    show(listPrincipals(inspection, permission, place));

  it("lists identities, globs and groups of a realm, each sorted, with what they have it through", () => {
    assert.deepEqual(list(createTask, inRealm), [
      "identity bot:B < a < b",
      "identity bot:b",
      "identity user:ann@x < a < b",
      "identity user:zed@x",
      "glob bot:z* < a < b",
      "glob user:*@y < a < b",
      "group a",
      "group b",
      "group inner < a < b",
    ]);
  });

  it("lists the groups of the server level, and for a pool the realm too", () => {
    const server = [
      "identity bot:v < viewers",
      "identity user:root@x < administrators",
      "group administrators",
      "group viewers",
    ];
    assert.deepEqual(list(listTasks, { kind: "server" }), server);
    assert.deepEqual(list(listTasks, { kind: "pool", pool: "ghost" }), server);
    assert.deepEqual(list(listTasks, { kind: "pool", pool: "one" }), [
      "identity bot:v < viewers",
      "identity user:lister@x",
      "identity user:root@x < administrators",
      "group administrators",
      "group viewers",
    ]);
    assert.deepEqual(list(createTask, { kind: "server" }), []);
  });

  it("answers a realm that is not defined by @root", () => {
    assert.deepEqual(list(listTasks, { kind: "realm", realm: "p:gone" }), [
      "identity user:rooter@x",
    ]);
    assert.deepEqual(list(listTasks, { kind: "realm", realm: "q:gone" }), []);
  });

  it("lists everybody in any of the pools of a bot", () => {
    const found = list(listTasks, { kind: "bot", botId: "vm1--3" });
    assert.deepEqual(
      found.filter((line) => line.includes("er@x")),
      ["identity user:lister@x", "identity user:rooter@x"],
    );
  });

  it("lists the submitter of a task as it is, the realm, and the twin in the pool or the bot's", () => {
    assert.deepEqual(list(get, onTask({ submitter: "user:Submitter@x" })), [
      "identity bot:v < viewers",
      "identity user:root@x < administrators",
      "submitter user:Submitter@x",
      "group administrators",
      "group viewers",
    ]);
    const named = (place: Place): readonly string[] =>
      list(get, place).filter((line) => line.includes("er@x"));
    assert.deepEqual(named(onTask({ realm: "p:a" })), ["identity user:getter@x"]);
    assert.deepEqual(named(onTask({ pool: "one" })), ["identity user:lister@x"]);
    assert.deepEqual(named(onTask({ pool: "ghost", botId: "vm1" })), []);
    assert.deepEqual(named(onTask({ botId: "vm1", realm: "p:a" })), [
      "identity user:getter@x",
      "identity user:lister@x",
      "identity user:rooter@x",
    ]);
  });

  it("refuses a permission that tasks do not know, as the check does", () => {
    assert.throws(
      () => list(listTasks, onTask({ pool: "one" })),
      (error) => error instanceof DomainError && error.reason === "INVALID_FIELD",
    );
  });

  it("lists nobody for a permission that nobody declared", () => {
    const undeclared = inspect({ realms: [realm("p:a", bind("svc.res.never", ["user:a@x"]))] });
    assert.deepEqual(listPrincipals(undeclared, "svc.res.never", inRealm), []);
  });

  it("passes over what is malformed, as the checks do", () => {
    const odd = inspect({
      groups: [group("g", { members: ["ann", "user:\u212aate@x"], globs: ["user:", "*"] })],
      realms: [realm("p:a", bind(createTask, ["group:g", "nobody", "user:"]))],
    });
    assert.deepEqual(show(listPrincipals(odd, createTask, inRealm)), ["group g"]);
  });

  it("survives cycles", () => {
    const cyclic = inspect({
      groups: [
        group("a", { nested: ["b"], members: ["bot:a"] }),
        group("b", { nested: ["c", "b"] }),
        group("c", { nested: ["a"], members: ["bot:c"] }),
      ],
      realms: [realm("p:a", bind(createTask, ["group:b", "group:c"]))],
    });
    assert.deepEqual(show(listPrincipals(cyclic, createTask, inRealm)), [
      "identity bot:a < b < c",
      "identity bot:c < b < c",
      "group a < b < c",
      "group b",
      "group c",
    ]);
  });
});

describe("listPrincipals at scale", () => {
  it("lists 1,000,000 members of 100,000 groups that are nested one in the other", () => {
    const count = 100_000;
    const groups = Array.from({ length: count }, (_, index) =>
      group(`g${index}`, {
        nested: index + 1 < count ? [`g${index + 1}`] : [],
        members: Array.from({ length: 10 }, (_, member) => `bot:b${index}-${member}`),
      }),
    );
    const inspection = inspect({
      groups,
      realms: [realm("p:a", bind(createTask, ["group:g0", "group:g50000"]))],
    });
    const found = listPrincipals(inspection, createTask, inRealm);
    assert.equal(found.length, 1_100_000);
    assert.equal(new Set(found.map(({ via }) => via)).size, 3);
  });
});
