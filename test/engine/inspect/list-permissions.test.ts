import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listPermissions } from "../../../src/engine/inspect/list-permissions.ts";
import type { PermissionSet } from "../../../src/engine/inspect/listings.ts";
import { bind, group, id, pool, realm } from "../world.ts";
import { inspect } from "./inspect-world.ts";

const ann = id("user:ann@x.com");
const listBots = "swarming.pools.listBots";
const createTask = "swarming.pools.createTask";
const peek = "swarming.servers.peek";

function inRealm(name: string, ...permissions: readonly string[]): PermissionSet {
  return { place: { kind: "realm", realm: name }, permissions };
}

function inPool(name: string, ...permissions: readonly string[]): PermissionSet {
  return { place: { kind: "pool", pool: name }, permissions };
}

describe("listPermissions", () => {
  it("lists server, realms and pools in this order, each sorted, and nothing that is empty", () => {
    const inspection = inspect({
      groups: [group("administrators"), group("seers", { globs: ["user:*@x.com"] })],
      settings: { ...inspect().configuration.settings, viewAllBotsGroup: "seers" },
      realms: [
        realm("q:z", bind(createTask, ["group:seers"]), bind("swarming.tasks.get", [ann])),
        realm("p:empty", bind(createTask, ["user:bob@x.com"])),
        realm("p:a", bind(createTask, ["user:ANN@x.com"])),
      ],
      pools: [pool("two", "q:z"), pool("one", "p:empty"), pool("Three", "p:a")],
    });
    assert.deepEqual(listPermissions(inspection, ann), [
      { place: { kind: "server" }, permissions: [listBots, peek] },
      inRealm("p:a", createTask),
      inRealm("q:z", createTask, "swarming.tasks.get"),
      inPool("Three", createTask, listBots, peek),
      inPool("one", listBots, peek),
      inPool("two", createTask, listBots, peek, "swarming.tasks.get"),
    ]);
  });

  it("gives realms the bindings of the realm alone, and pools the server level too", () => {
    const inspection = inspect({
      groups: [group("administrators", { members: [ann] })],
      realms: [realm("p:a")],
      pools: [pool("one", "p:a")],
    });
    const sets = listPermissions(inspection, ann);
    assert.deepEqual(
      sets.map(({ place }) => place),
      [{ kind: "server" }, { kind: "pool", pool: "one" }],
    );
    assert.deepEqual(sets[1]?.permissions, sets[0]?.permissions);
  });

  it("counts neither conditional bindings nor permissions that nobody declared", () => {
    const inspection = inspect({
      realms: [
        realm(
          "p:a",
          bind("svc.res.never", [ann]),
          bind(createTask, [ann], [{ attribute: "a", values: ["v"] }]),
        ),
      ],
    });
    assert.deepEqual(listPermissions(inspection, ann), []);
  });

  it("answers a pool whose realm is not defined by @root, and lists that realm nowhere", () => {
    const inspection = inspect({
      realms: [realm("p:@root", bind(createTask, [ann]))],
      pools: [pool("one", "p:gone"), pool("two", "nobody:gone"), pool("three", "p")],
    });
    assert.deepEqual(listPermissions(inspection, ann), [
      inRealm("p:@root", createTask),
      inPool("one", createTask),
    ]);
  });

  it("lists 10,000 pools in 3,000 realms with 1,000 declared permissions, one list a realm", () => {
    const permissions = Array.from({ length: 1_000 }, (_, index) => `svc.res${index}.get`);
    const realms = Array.from({ length: 3_000 }, (_, index) => ({
      name: `p:r${index}`,
      bindings: [{ permissions, principals: [ann], conditions: [] }],
    }));
    const pools = Array.from({ length: 10_000 }, (_, index) =>
      pool(`pool${String(index).padStart(5, "0")}`, `p:r${index % 3_000}`),
    );
    const sets = listPermissions(inspect({ permissions, realms, pools }), ann);
    assert.equal(sets.length, 13_000);
    assert.ok(sets.every((set) => set.permissions.length === 1_000));
    assert.equal(new Set(sets.slice(3_000).map((set) => set.permissions)).size, 3_000);
  });
});
