import { builtInRoles } from "../../domain/roles.ts";

/** A binding that LUCI adds to `@root` of every project without a word in the file. */
export interface ImplicitBinding {
  readonly role: string;
  readonly principals: readonly string[];
}

const builtInNames: ReadonlySet<string> = new Set(builtInRoles.map(({ name }) => name));

/**
 * Roles whose content is private except for the Swarming roles that they include, which LUCI published
 * when its role table was public. The grants that matter to Swarming checks are therefore known: a
 * builder's account runs tasks and starts others, and a project may submit tasks to its own pools.
 */
const swarmingParts: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "role/buildbucket.builderServiceAccount",
    ["role/swarming.taskServiceAccount", "role/swarming.taskTriggerer"],
  ],
  ["role/luci.internal.system", ["role/swarming.poolUser", "role/swarming.taskTriggerer"]],
]);

/** Whether every deployment has the role. */
export function isBuiltInRole(name: string): boolean {
  return builtInNames.has(name);
}

/** The Swarming roles that a role not built in is known to include, or undefined when nothing is known. */
export function swarmingPartOf(name: string): readonly string[] | undefined {
  return swarmingParts.get(name);
}

/** The implicit bindings of a project; the pseudo-project `@internal` has none. */
export function implicitBindings(project: string): readonly ImplicitBinding[] {
  if (project === "@internal") return [];
  return [
    { role: "role/luci.internal.system", principals: [`project:${project}`] },
    {
      role: "role/luci.internal.buildbucket.reader",
      principals: ["group:buildbucket-internal-readers"],
    },
    {
      role: "role/luci.internal.resultdb.reader",
      principals: ["group:resultdb-internal-readers"],
    },
    {
      role: "role/luci.internal.resultdb.invocationSubmittedSetter",
      principals: ["group:resultdb-internal-invocation-submitters"],
    },
  ];
}
