import type { Identity } from "../../../src/domain/identity.ts";
import { importPeer } from "../install.ts";
import type { SmallQuestion, SmallWorld } from "./small-world.ts";

/** A library that has loaded a world and answers at once. */
export interface Library {
  readonly name: LibraryName;
  readonly check: (question: SmallQuestion) => boolean;
}

/** What is compared in the process. */
export const inProcessNames = ["Fleetgate", "casbin", "cedar-wasm"] as const;

/** One of them. */
export type LibraryName = (typeof inProcessNames)[number];

/** Loads a world into each of them. */
export async function loadLibraries(world: SmallWorld): Promise<readonly Library[]> {
  return [loadFleetgate(world), await loadCasbin(world), await loadCedar(world)];
}

function loadFleetgate({ snapshot }: SmallWorld): Library {
  return {
    name: "Fleetgate",
    check: ({ caller, permission, realm }) =>
      snapshot.authDb.hasPermission(caller as Identity, permission, realm),
  };
}

interface Casbin {
  readonly newModelFromString: (text: string) => CasbinModel;
  readonly newEnforcer: (model: CasbinModel) => Promise<CasbinEnforcer>;
}

interface CasbinModel {
  addPolicy(section: string, kind: string, rule: readonly string[]): boolean;
}

interface CasbinEnforcer {
  buildRoleLinks(): Promise<void>;
  enforceSync(...values: readonly string[]): boolean;
}

// What is cheap to compare comes first.
const casbinModel = `
[request_definition]
r = sub, dom, act
[policy_definition]
p = sub, dom, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.dom == p.dom && r.act == p.act && g(r.sub, p.sub)
`;

async function loadCasbin({ grants, groupsOf }: SmallWorld): Promise<Library> {
  const casbin = await importPeer<Casbin & { readonly default?: Casbin }>("casbin");
  const { newModelFromString, newEnforcer } = casbin.default ?? casbin;
  const model = newModelFromString(casbinModel);
  for (const { principal, permission, realm } of grants) {
    model.addPolicy("p", "p", [principal, realm, permission]);
  }
  for (const [caller, groups] of groupsOf) {
    for (const group of groups) model.addPolicy("g", "g", [caller, `group:${group}`]);
  }
  const enforcer = await newEnforcer(model);
  await enforcer.buildRoleLinks();
  return {
    name: "casbin",
    check: ({ caller, permission, realm }) => enforcer.enforceSync(caller, realm, permission),
  };
}

interface Cedar {
  readonly preparsePolicySet: (id: string, policies: object) => { readonly type: string };
  readonly statefulIsAuthorized: (call: object) => {
    readonly type: string;
    readonly response?: { readonly decision: string };
  };
}

let policySets = 0;

/** The policies are parsed once; of the entities a call passes those that it needs. */
async function loadCedar({ grants, groupsOf }: SmallWorld): Promise<Library> {
  const cedar = await importPeer<Cedar & { readonly default?: Cedar }>(
    "@cedar-policy/cedar-wasm/nodejs",
  );
  const { preparsePolicySet, statefulIsAuthorized } = cedar.default ?? cedar;
  policySets += 1;
  const id = `world-${policySets}`;
  const staticPolicies = grants.map(toCedarPolicy).join("\n");
  const parsed = preparsePolicySet(id, { staticPolicies, templates: {}, templateLinks: [] });
  if (parsed.type !== "success") throw new Error(`cedar-wasm: ${JSON.stringify(parsed)}`);
  const principals = new Map(
    [...groupsOf].map(([caller, groups]) => [
      caller,
      {
        uid: { type: "Identity", id: caller },
        attrs: {},
        parents: groups.map((group) => ({ type: "Group", id: group })),
      },
    ]),
  );
  return {
    name: "cedar-wasm",
    check: ({ caller, permission, realm }) => {
      const answer = statefulIsAuthorized({
        principal: { type: "Identity", id: caller },
        action: { type: "Action", id: permission },
        resource: { type: "Realm", id: realm },
        context: {},
        preparsedPolicySetId: id,
        entities: [principals.get(caller)],
      });
      if (answer.type !== "success") throw new Error(`cedar-wasm: ${JSON.stringify(answer)}`);
      return answer.response?.decision === "allow";
    },
  };
}

function toCedarPolicy({ principal, permission, realm }: SmallWorld["grants"][number]): string {
  const who = principal.startsWith("group:")
    ? `principal in Group::${JSON.stringify(principal.slice("group:".length))}`
    : `principal == Identity::${JSON.stringify(principal)}`;
  return `permit(${who}, action == Action::${JSON.stringify(permission)}, resource == Realm::${JSON.stringify(realm)});`;
}
