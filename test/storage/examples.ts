import type { ApiKeyBody, EntityChange } from "../../src/domain/entity.ts";
import type { Configuration } from "../../src/domain/model.ts";

/** A configuration with something in every field, in no particular order, with names beyond ASCII. */
export const fullConfiguration: Configuration = {
  settings: {
    adminsGroup: "admins",
    botBootstrapGroup: "",
    privilegedUsersGroup: "",
    usersGroup: "everyone",
    viewAllBotsGroup: "",
    viewAllTasksGroup: "",
    readersGroup: "auditors",
    reasonRequired: true,
    delegations: [
      {
        group: "uis",
        callerGlobs: ["user:*@example.com", 'user:"quoted"*'],
        permissions: [],
        realms: [],
      },
      {
        group: "schedulers",
        callerGlobs: [],
        permissions: ["swarming.pools.createTask"],
        realms: ["p:z", "p:a"],
      },
      { group: "schedulers", callerGlobs: [], permissions: [], realms: ["p:a,b"] },
    ],
  },
  permissions: [
    { name: "fleet.things.see", attributes: ["b", "a"] },
    { name: "fleet.things.make", attributes: [] },
  ],
  roles: [
    { name: "role/fleet.seer", permissions: ["fleet.things.see"], includes: [], unresolved: false },
    { name: "role/fleet.unknown", permissions: [], includes: [], unresolved: true },
    { name: "role/fleet.maker", permissions: [], includes: ["role/fleet.seer"], unresolved: false },
  ],
  projects: [
    {
      name: "p",
      customRoles: [
        {
          name: "customRole/x \u{1f600}\u{ffff}",
          permissions: [],
          includes: ["role/fleet.seer"],
          unresolved: false,
        },
      ],
      realms: [
        { name: "a", extends: ["z", "b"], bindings: [] },
        {
          name: "@root",
          extends: [],
          bindings: [
            {
              role: "role/fleet.seer",
              principals: ["group:g", "user:Ann@example.com"],
              conditions: [],
            },
            {
              role: "role/fleet.seer",
              principals: ["user:c@example.com"],
              conditions: [
                { attribute: "x", values: ["2", "1", "{}", "\\", "é"] },
                { attribute: "x", values: [] },
              ],
            },
            {
              role: "role/fleet.seer",
              principals: ["user:d@example.com"],
              conditions: [{ attribute: "x", values: ["1"] }],
            },
          ],
        },
      ],
    },
    { name: "@internal", customRoles: [], realms: [] },
  ],
  pools: [
    { name: "\u{ffee}", realm: "p:a", defaultTaskRealm: "p:b" },
    { name: "\u{1f600}", realm: "p:a", defaultTaskRealm: "" },
    { name: 'Pool {1,2} "x\\', realm: "p:a", defaultTaskRealm: "" },
  ],
  botGroups: [
    {
      name: "vms",
      botIds: ["vm{1..9}", "b,c", "null", ""],
      botIdPrefixes: ["x-"],
      pools: ["\u{1f600}"],
    },
  ],
  groups: [
    {
      name: "g",
      description: 'lines\nand "quotes" \\ and é',
      owners: "administrators",
      members: ["user:Ann@example.com", "user:_x@example.com", "bot:b-2"],
      globs: ["user:*@\u{1f600}", "bot:*"],
      nested: ["unknown", "another"],
    },
    { name: "empty", description: "", owners: "g", members: [], globs: [], nested: [] },
  ],
};

/** The changes that make a group. */
export function groupChanges(name: string, members: readonly string[]): readonly EntityChange[] {
  const group = { name, description: "", owners: "administrators" };
  return [
    { kind: "group", key: name, before: undefined, after: group },
    ...members.map((member): EntityChange => ({
      kind: "group_member",
      key: `${name} ${member}`,
      before: undefined,
      after: { group: name, member },
    })),
  ];
}

/** An API key with an expiry. */
export function testApiKey(id: string): ApiKeyBody {
  return {
    id,
    identity: "service:scheduler",
    description: "for a test",
    secretHash: "0123456789abcdef".repeat(4),
    createdAt: "2026-01-01T00:00:00.123Z",
    createdBy: "user:ann@example.com",
    expiresAt: "2026-04-01T00:00:00.000Z",
    revokedAt: null,
  };
}
