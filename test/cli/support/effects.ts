import type { MessageInitShape } from "@bufbuild/protobuf";
import { Effect_Kind, type EffectsSchema } from "../../../src/gen/fleetgate/admin/v1/effects_pb.ts";

const binding = {
  realm: "acme:ci",
  inheritance: ["acme:try", "acme:ci"],
  role: "role/swarming.poolUser",
  rolePath: ["role/swarming.poolUser"],
  principal: "group:all",
  source: "main",
};

/** One effect of every kind, in the order in which a server tells them. */
export const everyEffect: MessageInitShape<typeof EffectsSchema> = {
  gained: { identities: 12n, globs: 1n },
  lost: { identities: 1n },
  effects: [
    {
      kind: Effect_Kind.GAINED,
      principal: { case: "identity", value: "user:ann@example.com" },
      place: { case: "server", value: true },
      permissions: ["swarming.pools.listBots"],
      witness: {
        memberships: [
          { group: "devs", reason: { case: "member", value: "user:Ann@example.com" }, source: "" },
        ],
        settings: ["view_all_bots_group"],
      },
    },
    {
      kind: Effect_Kind.GAINED,
      principal: { case: "group", value: "devs" },
      groupIdentities: 11n,
      place: { case: "realm", value: "acme:try" },
      permissions: ["swarming.pools.createTask", "swarming.tasks.get"],
      witness: {
        memberships: [{ group: "all", reason: { case: "nested", value: "devs" }, source: "main" }],
        binding,
      },
    },
    {
      kind: Effect_Kind.GAINED,
      principal: { case: "glob", value: "user:*@x.com" },
      place: { case: "pool", value: "p" },
      permissions: ["swarming.pools.createTask"],
      witness: {
        memberships: [{ group: "all", reason: { case: "glob", value: "user:*@x.com" } }],
        binding: { ...binding, inheritance: ["acme:ci"] },
      },
    },
    {
      kind: Effect_Kind.LOST,
      principal: { case: "identity", value: "bot:b" },
      place: { case: "realm", value: "acme:try" },
      permissions: ["swarming.tasks.get"],
      witness: { binding: { ...binding, inheritance: ["acme:try"], source: "" } },
    },
  ],
};

/** What people are shown of it: by place, what is gained there before what is lost. */
export const everyEffectShown: readonly string[] = [
  "gained: 12 identities, 1 glob · lost: 1 identity",
  '+ user:ann@example.com                    server level    swarming.pools.listBots                       via listed in group "devs" (edited by hand) as user:Ann@example.com → named by view_all_bots_group of the settings',
  '+ every member of "devs" (11 identities)  realm acme:try  swarming.pools.createTask, … (2 permissions)  via nested in "all" (source main) → bound to role/swarming.poolUser in realm acme:ci (source main) (inherited: acme:try from acme:ci)',
  "- bot:b                                   realm acme:try  swarming.tasks.get                            via bound to role/swarming.poolUser in realm acme:ci (edited by hand)",
  '+ glob user:*@x.com                       pool "p"        swarming.pools.createTask                     via a glob of group "all" (edited by hand) → bound to role/swarming.poolUser in realm acme:ci (source main)',
];
