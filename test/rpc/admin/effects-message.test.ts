import assert from "node:assert/strict";
import { it } from "node:test";
import { create, toJson } from "@bufbuild/protobuf";
import { EffectsSchema } from "../../../src/gen/fleetgate/admin/v1/effects_pb.ts";
import { toEffects } from "../../../src/rpc/admin/effects-message.ts";

const witness = { memberships: [], settings: ["adminsGroup" as const], binding: undefined };
const permissions = ["swarming.servers.peek"];

it("effects keep their order, kinds, principals, places and counts on the wire", () => {
  const message = toEffects({
    gained: { identities: 3, globs: 1 },
    lost: { identities: 2, globs: 0 },
    effects: [
      {
        kind: "gained",
        principal: { kind: "group", name: "team" },
        groupIdentities: 3,
        place: { kind: "server" },
        permissions,
        witness,
      },
      {
        kind: "gained",
        principal: { kind: "glob", name: "bot:*" },
        groupIdentities: 0,
        place: { kind: "realm", realm: "p:ci" },
        permissions,
        witness,
      },
      {
        kind: "lost",
        principal: { kind: "identity", name: "user:ann@x.com" },
        groupIdentities: 0,
        place: { kind: "pool", pool: "one" },
        permissions,
        witness,
      },
    ],
  });
  const told = { permissions, witness: { settings: ["admins_group"] } };
  assert.deepEqual(toJson(EffectsSchema, create(EffectsSchema, message)), {
    gained: { identities: "3", globs: "1" },
    lost: { identities: "2" },
    effects: [
      { kind: "KIND_GAINED", group: "team", groupIdentities: "3", server: true, ...told },
      { kind: "KIND_GAINED", glob: "bot:*", realm: "p:ci", ...told },
      { kind: "KIND_LOST", identity: "user:ann@x.com", pool: "one", ...told },
    ],
  });
});
