import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hasPermission, type Attributes } from "./realms.ts";
import type { World } from "./world.ts";

const ann = "user:ann@x.com";

const world: World = {
  permissions: [{ name: "svc.things.get" }, { name: "svc.things.put" }, { name: "svc.things.own" }],
  roles: [
    { name: "role/reader", permissions: ["svc.things.get"] },
    { name: "role/writer", permissions: ["svc.things.put"], includes: ["role/reader"] },
    { name: "role/unknown", unresolved: true },
    { name: "role/mixed", permissions: ["svc.things.own"], includes: ["role/unknown"] },
  ],
  projects: [
    {
      name: "p",
      custom_roles: [
        { name: "customRole/all", includes: ["customRole/own", "role/writer"] },
        { name: "customRole/own", permissions: ["svc.things.own"] },
      ],
      realms: [
        { name: "@root", bindings: [{ role: "role/reader", principals: ["user:rita@x.com"] }] },
        { name: "empty" },
        { name: "writers", bindings: [{ role: "role/writer", principals: [ann] }] },
        { name: "middle", extends: ["writers", "empty"] },
        { name: "bottom", extends: ["middle"] },
        { name: "custom", bindings: [{ role: "customRole/all", principals: [ann] }] },
        { name: "unresolved", bindings: [{ role: "role/mixed", principals: [ann] }] },
        {
          name: "conditional",
          bindings: [
            {
              role: "role/reader",
              principals: [ann],
              conditions: [
                { attribute: "job", values: ["a", "b"] },
                { attribute: "zone", values: [""] },
              ],
            },
            { role: "role/writer", principals: [ann], conditions: [{ attribute: "job" }] },
          ],
        },
      ],
    },
    {
      name: "rootless",
      realms: [{ name: "r", bindings: [{ role: "role/reader", principals: [ann] }] }],
    },
    {
      name: "other",
      realms: [{ name: "@root", bindings: [{ role: "customRole/all", principals: [ann] }] }],
    },
  ],
};

interface Row {
  readonly says: string;
  readonly who?: string;
  readonly permission?: string;
  readonly realm: string;
  readonly attributes?: Attributes;
  readonly expected: boolean;
}

const rows: readonly Row[] = [
  {
    says: "a binding grants its role",
    realm: "p:writers",
    permission: "svc.things.put",
    expected: true,
  },
  { says: "a role grants what it includes", realm: "p:writers", expected: true },
  {
    says: "a role grants nothing else",
    realm: "p:writers",
    permission: "svc.things.own",
    expected: false,
  },
  { says: "extends reaches through realms", realm: "p:bottom", expected: true },
  { says: "extends does not run upwards", realm: "p:empty", expected: false },
  {
    says: "every realm has what @root has",
    who: "user:rita@x.com",
    realm: "p:bottom",
    expected: true,
  },
  {
    says: "an empty realm has what @root has",
    who: "user:rita@x.com",
    realm: "p:empty",
    expected: true,
  },
  {
    says: "an undefined realm is answered by @root",
    who: "user:rita@x.com",
    realm: "p:nowhere",
    expected: true,
  },
  {
    says: "an undefined @legacy is answered by @root",
    who: "user:rita@x.com",
    realm: "p:@legacy",
    expected: true,
  },
  {
    says: "an undefined realm is not answered by its neighbours",
    realm: "p:nowhere",
    expected: false,
  },
  { says: "a project without @root denies", realm: "rootless:nowhere", expected: false },
  { says: "a project without @root denies there", realm: "rootless:@root", expected: false },
  { says: "a project without @root answers in its realms", realm: "rootless:r", expected: true },
  { says: "an undefined project denies", realm: "nobody:writers", expected: false },
  {
    says: "a custom role grants its own",
    realm: "p:custom",
    permission: "svc.things.own",
    expected: true,
  },
  {
    says: "a custom role grants what it includes, twice removed",
    realm: "p:custom",
    expected: true,
  },
  { says: "a custom role is unknown in other projects", realm: "other:@root", expected: false },
  { says: "an unresolved role grants nothing", realm: "p:unresolved", expected: false },
  {
    says: "a role with an unresolved one inside grants the rest",
    realm: "p:unresolved",
    permission: "svc.things.own",
    expected: true,
  },
  {
    says: "an undeclared permission is denied",
    realm: "p:writers",
    permission: "svc.things.nope",
    expected: false,
  },
  {
    says: "all conditions that hold",
    realm: "p:conditional",
    attributes: { job: "b", zone: "" },
    expected: true,
  },
  {
    says: "one condition that fails",
    realm: "p:conditional",
    attributes: { job: "c", zone: "" },
    expected: false,
  },
  {
    says: "an attribute that is missing is not the empty text",
    realm: "p:conditional",
    attributes: { job: "a" },
    expected: false,
  },
  { says: "no attributes", realm: "p:conditional", expected: false },
  {
    says: "a condition without values never holds",
    realm: "p:conditional",
    permission: "svc.things.put",
    attributes: { job: "", zone: "" },
    expected: false,
  },
  {
    says: "attributes that no condition names are ignored",
    realm: "p:writers",
    attributes: { x: "y" },
    expected: true,
  },
];

describe("hasPermission", () => {
  for (const row of rows) {
    test(`${row.says}: ${row.expected ? "yes" : "no"}`, () => {
      const { who = ann, permission = "svc.things.get", realm, attributes } = row;
      assert.equal(hasPermission(world, who, permission, realm, attributes), row.expected);
    });
  }

  test("the built-in roles hold the Swarming table", () => {
    const table: Readonly<Record<string, readonly string[]>> = {
      taskServiceAccount: ["tasks.actAs"],
      taskViewer: ["tasks.get"],
      taskTriggerer: ["tasks.get", "tasks.createInRealm", "tasks.cancel"],
      poolViewer: ["pools.listBots", "pools.listTasks"],
      poolUser: ["pools.createTask"],
      poolOwner: [
        "pools.listBots",
        "pools.listTasks",
        "pools.cancelTask",
        "pools.createBot",
        "pools.deleteBot",
        "pools.terminateBot",
      ],
    };
    const everything = [
      ...new Set(Object.values(table).flat()),
      "pools.createHighPriorityTask",
      "servers.peek",
    ];
    for (const [role, granted] of Object.entries(table)) {
      const bindings = [{ role: `role/swarming.${role}`, principals: [ann] }];
      const one: World = { projects: [{ name: "p", realms: [{ name: "r", bindings }] }] };
      const held = everything.filter((it) => hasPermission(one, ann, `swarming.${it}`, "p:r"));
      assert.deepEqual(held.toSorted(), granted.toSorted(), role);
    }
  });
});
