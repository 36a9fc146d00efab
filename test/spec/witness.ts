import { serverSettings } from "./explain.ts";
import { globMatches, isSameIdentity, projectOfRealm } from "./names.ts";
import type { World, WorldGroup, WorldProject, WorldRole } from "./world.ts";

/** What a witness says; see fleetgate.inspect.v1.Witness. */
export interface WitnessClaim {
  readonly memberships: readonly {
    readonly group: string;
    readonly reason:
      | { readonly kind: "member"; readonly member: string }
      | { readonly kind: "glob"; readonly glob: string }
      | { readonly kind: "nested"; readonly nested: string };
    readonly source: string;
  }[];
  readonly settings: readonly string[];
  readonly binding: BindingClaim | undefined;
}

interface BindingClaim {
  readonly realm: string;
  readonly inheritance: readonly string[];
  readonly role: string;
  readonly rolePath: readonly string[];
  readonly principal: string;
  readonly source: string;
}

/** Who manages what. */
export interface Sources {
  readonly ofGroup: (name: string) => string;
  readonly ofProject: (name: string) => string;
}

/** What is proven: that a caller has a permission in a realm that is defined, or at the server level (""). */
export interface Proven {
  readonly caller: string;
  readonly permission: string;
  readonly answeringRealm: string;
}

/** Every fault of a witness, checked step by step against what is written in the world. */
export function faultsOfWitness(
  world: World,
  sources: Sources,
  proven: Proven,
  witness: WitnessClaim,
): readonly string[] {
  const faults = faultsOfMemberships(world, sources, proven.caller, witness);
  const last = witness.memberships.at(-1)?.group;
  if (proven.answeringRealm === "") {
    const given = serverSettings(world, proven.permission)
      .filter(([, group]) => group === last)
      .map(([setting]) => setting);
    if (witness.binding !== undefined) faults.push("a binding at the server level");
    if (witness.settings.length === 0) faults.push("no setting");
    if (!witness.settings.every((setting) => given.includes(setting))) faults.push("settings");
    return faults;
  }
  if (witness.settings.length > 0) faults.push("settings in a realm");
  if (witness.binding === undefined) return [...faults, "no binding"];
  faults.push(...faultsOfBinding(world, sources, proven, witness.binding));
  const { principal } = witness.binding;
  const ends =
    last === undefined ? isSameIdentity(principal, proven.caller) : principal === `group:${last}`;
  if (!ends) faults.push("the memberships do not end at the principal");
  return faults;
}

function faultsOfMemberships(
  world: World,
  sources: Sources,
  caller: string,
  { memberships }: WitnessClaim,
): string[] {
  const faults: string[] = [];
  memberships.forEach(({ group: name, reason, source }, index) => {
    const group = (world.groups ?? []).find((candidate) => candidate.name === name);
    if (group === undefined) {
      faults.push(`no group ${name}`);
      return;
    }
    if (source !== sources.ofGroup(name)) faults.push(`source of ${name}`);
    const before = memberships[index - 1]?.group;
    const holds =
      before === undefined
        ? holdsDirectly(group, caller, reason)
        : reason.kind === "nested" &&
          reason.nested === before &&
          (group.nested ?? []).includes(before);
    if (!holds) faults.push(`${name} does not hold what came before`);
  });
  return faults;
}

/** Of several ways a listed member counts first, and of several texts the smallest. */
function holdsDirectly(
  group: WorldGroup,
  caller: string,
  reason: WitnessClaim["memberships"][number]["reason"],
): boolean {
  const members = (group.members ?? []).filter((member) => isSameIdentity(member, caller)).sort();
  const globs = (group.globs ?? []).filter((glob) => globMatches(glob, caller)).sort();
  if (reason.kind === "member") return reason.member === members[0];
  return reason.kind === "glob" && members.length === 0 && reason.glob === globs[0];
}

function faultsOfBinding(
  world: World,
  sources: Sources,
  { permission, answeringRealm }: Proven,
  claim: BindingClaim,
): readonly string[] {
  const faults: string[] = [];
  const project = (world.projects ?? []).find(
    ({ name }) => name === projectOfRealm(answeringRealm),
  );
  if (project === undefined) return ["no project"];
  if (claim.source !== sources.ofProject(project.name)) faults.push("source of the project");
  const full = (local: string): string => `${project.name}:${local}`;
  const written = (project.realms ?? [])
    .filter(({ name }) => full(name) === claim.realm)
    .flatMap(({ bindings }) => bindings ?? [])
    .some(
      ({ role, principals, conditions }) =>
        role === claim.role &&
        (principals ?? []).includes(claim.principal) &&
        (conditions ?? []).length === 0,
    );
  if (!written) faults.push("the binding is not written there");
  const parents = (realm: string): readonly string[] => parentsOf(project, realm).map(full);
  if (!isShortestPath(claim.inheritance, answeringRealm, parents, (it) => it === claim.realm)) {
    faults.push("inheritance");
  }
  const roles = rolesOf(world, project);
  const included = (role: string): readonly string[] => roles.get(role)?.includes ?? [];
  const lists = (role: string): boolean =>
    roles.get(role)?.permissions?.includes(permission) === true;
  if (!isShortestPath(claim.rolePath, claim.role, included, lists)) faults.push("role path");
  return faults;
}

function parentsOf(project: WorldProject, full: string): readonly string[] {
  const local = full.slice(project.name.length + 1);
  if (local === "@root") return [];
  const realm = (project.realms ?? []).find(({ name }) => name === local);
  return ["@root", ...(realm?.extends ?? [])];
}

const builtIn: readonly WorldRole[] = [
  { name: "role/swarming.taskServiceAccount", permissions: ["swarming.tasks.actAs"] },
  { name: "role/swarming.taskViewer", permissions: ["swarming.tasks.get"] },
  {
    name: "role/swarming.taskTriggerer",
    permissions: ["swarming.tasks.get", "swarming.tasks.createInRealm", "swarming.tasks.cancel"],
  },
  {
    name: "role/swarming.poolViewer",
    permissions: ["swarming.pools.listBots", "swarming.pools.listTasks"],
  },
  { name: "role/swarming.poolUser", permissions: ["swarming.pools.createTask"] },
  {
    name: "role/swarming.poolOwner",
    permissions: [
      "swarming.pools.cancelTask",
      "swarming.pools.createBot",
      "swarming.pools.deleteBot",
      "swarming.pools.terminateBot",
    ],
    includes: ["role/swarming.poolViewer"],
  },
];

function rolesOf(world: World, project: WorldProject): ReadonlyMap<string, WorldRole> {
  return new Map(
    [...builtIn, ...(world.roles ?? []), ...(project.custom_roles ?? [])]
      .filter(({ unresolved }) => unresolved !== true)
      .map((role) => [role.name, role]),
  );
}

/** Whether a path leads from a start to a goal, and no shorter one does. */
function isShortestPath(
  path: readonly string[],
  start: string,
  next: (name: string) => readonly string[],
  isGoal: (name: string) => boolean,
): boolean {
  const leads =
    path[0] === start &&
    isGoal(path.at(-1) ?? "") &&
    path.every((name, index) => index === 0 || next(path[index - 1] ?? "").includes(name));
  let layer: readonly string[] = [start];
  for (let length = 1; length < path.length; length += 1) {
    if (layer.some(isGoal)) return false;
    layer = [...new Set(layer.flatMap(next))];
  }
  return leads;
}

/** How many memberships it takes from a caller to each group that it is in. */
export function membershipsNeeded(world: World, caller: string): ReadonlyMap<string, number> {
  const needed = new Map<string, number>();
  const groups = world.groups ?? [];
  for (let count = 1; count <= groups.length; count += 1) {
    const isInBefore = (name: string): boolean => (needed.get(name) ?? count) < count;
    for (const group of groups) {
      const holds =
        count === 1
          ? (group.members ?? []).some((member) => isSameIdentity(member, caller)) ||
            (group.globs ?? []).some((glob) => globMatches(glob, caller))
          : (group.nested ?? []).some(isInBefore);
      if (holds && !needed.has(group.name)) needed.set(group.name, count);
    }
  }
  return needed;
}

/** The fewest memberships with which anything that is written proves it. */
export function fewestMemberships(
  world: World,
  { caller, permission, answeringRealm }: Proven,
): number {
  const needed = membershipsNeeded(world, caller);
  const ofGroup = (group: string): number => needed.get(group) ?? Infinity;
  if (answeringRealm === "") {
    return Math.min(...serverSettings(world, permission).map(([, group]) => ofGroup(group)));
  }
  const project = (world.projects ?? []).find(
    ({ name }) => name === projectOfRealm(answeringRealm),
  );
  if (project === undefined) return Infinity;
  const heritage = closure([answeringRealm], (realm) =>
    parentsOf(project, realm).map((local) => `${project.name}:${local}`),
  );
  const roles = rolesOf(world, project);
  const holds = (role: string): boolean =>
    [...closure([role], (name) => roles.get(name)?.includes ?? [])].some(
      (name) => roles.get(name)?.permissions?.includes(permission) === true,
    );
  const principals = (project.realms ?? [])
    .filter(({ name }) => heritage.has(`${project.name}:${name}`))
    .flatMap(({ bindings }) => bindings ?? [])
    .filter(({ role, conditions }) => (conditions ?? []).length === 0 && holds(role))
    .flatMap((binding) => binding.principals ?? []);
  return Math.min(
    ...principals.map((principal) => {
      if (principal.startsWith("group:")) return ofGroup(principal.slice("group:".length));
      return isSameIdentity(principal, caller) ? 0 : Infinity;
    }),
  );
}

function closure(
  start: readonly string[],
  next: (name: string) => readonly string[],
): ReadonlySet<string> {
  const found = new Set(start);
  for (const name of found) for (const target of next(name)) found.add(target);
  return found;
}
