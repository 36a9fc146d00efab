import assert from "node:assert/strict";
import { toJson, create, type DescMessage, type DescMethodUnary } from "@bufbuild/protobuf";
import { parseIdentity } from "../../../../src/domain/identity.ts";
import type { Configuration } from "../../../../src/domain/model.ts";
import { listPermissions } from "../../../../src/engine/inspect/list-permissions.ts";
import { listPrincipals } from "../../../../src/engine/inspect/list-principals.ts";
import { lookupPrincipal } from "../../../../src/engine/inspect/lookup-principal.ts";
import {
  GroupMembershipSchema,
  InspectService,
  PermissionSetSchema,
  PermittedPrincipalSchema,
} from "../../../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { inspectionOf } from "../../../../src/replica/inspection.ts";
import { ask, bearer, type Bench, type Reply } from "../../support/bench.ts";
import { group } from "../../support/world.ts";
import { askers, inspected, inspectState } from "./inspect-world.ts";

const { method } = InspectService;
const ann = "user:ann@example.com";

/** The permission that most lists are about. */
export const permission = "swarming.pools.createTask";

/** The headers of one who may read everything. */
export const reader = bearer(askers.reader.token);

/** Many realms, pools, members and groups: more than one page of everything. */
export const large: Configuration = {
  ...inspected,
  projects: inspected.projects.map((project) => ({
    ...project,
    realms: [
      ...project.realms,
      ...numbers(40).map((index) => ({ name: `r${index}`, extends: ["ci"], bindings: [] })),
    ],
  })),
  pools: [
    ...inspected.pools,
    ...numbers(30).map((index) => ({
      name: `p${index}`,
      realm: `acme:r${index}`,
      defaultTaskRealm: "",
    })),
  ],
  groups: [
    ...inspected.groups.filter(({ name }) => name !== "linux-devs"),
    group("linux-devs", [ann, ...numbers(60).map((index) => `user:dev${index}@example.com`)]),
    ...numbers(50).map((index) => ({ ...group(`outer-${index}`, []), nested: ["linux-devs"] })),
  ],
};

/** The state of that configuration. */
export const state = inspectState(large);

/** A list of InspectService. */
export interface List {
  readonly method: DescMethodUnary;
  readonly request: Readonly<Record<string, unknown>>;
  /** The field of the response that holds the entries. */
  readonly field: string;
  /** All of it, as the engine lists it, in JSON. */
  readonly whole: () => readonly unknown[];
  /** The same question about something else. */
  readonly other: Readonly<Record<string, unknown>>;
}

const annId = parseIdentity(ann) ?? assert.fail();

/** The lists of InspectService: of permissions, of principals and of groups. */
export const lists: readonly List[] = [
  {
    method: method.listPermissions,
    request: { identity: ann },
    field: "permissionSets",
    whole: () =>
      listPermissions(inspectionOf(state), annId).map(({ place, permissions }) =>
        json(PermissionSetSchema, {
          place:
            place.kind === "server"
              ? { case: "server", value: true }
              : place.kind === "realm"
                ? { case: "realm", value: place.realm }
                : { case: "pool", value: place.pool },
          permissions,
        }),
      ),
    other: { identity: "user:bob@example.com" },
  },
  {
    method: method.listPrincipals,
    request: { permission, place: { case: "pool", value: "ci" } },
    field: "principals",
    whole: () =>
      listPrincipals(inspectionOf(state), permission, { kind: "pool", pool: "ci" }).map(
        ({ kind, name, via }) =>
          json(PermittedPrincipalSchema, { principal: { case: kind, value: name }, via }),
      ),
    other: { permission, place: { case: "realm", value: "acme:ci" } },
  },
  {
    method: method.lookupPrincipal,
    request: { principal: { case: "identity", value: ann } },
    field: "memberships",
    whole: () =>
      (lookupPrincipal(inspectionOf(state), { kind: "identity", identity: ann }) ?? []).map(
        (membership) => json(GroupMembershipSchema, { ...membership }),
      ),
    other: { principal: { case: "group", value: "devs" } },
  },
];

/** Asks for a list over a wire, as a reader unless told otherwise. */
export function askOne(
  bench: Bench,
  { method: asked }: List,
  request: Readonly<Record<string, unknown>>,
  headers = reader,
  wire = 4,
): Promise<Reply> {
  return ask((bench.wires[wire] ?? assert.fail()).transport, asked, request, headers);
}

function json(schema: DescMessage, init: Readonly<Record<string, unknown>>): unknown {
  return toJson(schema, create(schema, structuredClone(init)) as never);
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
