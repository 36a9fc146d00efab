import { poolsOfBot } from "./bots.ts";
import { isMember, isPrincipal } from "./membership.ts";
import { isIdentity, projectOfRealm } from "./names.ts";
import { callerOf, permissionOf, type Question } from "./question.ts";
import { isDeclared, roleGrants } from "./roles.ts";
import type { World, WorldBinding, WorldProject, WorldRealm } from "./world.ts";

/** What a step of a check comes to, as the contract of InspectService says. Absent parts are "". */
export interface SpecStep {
  readonly kind: string;
  readonly result: string;
  readonly permission: string;
  readonly pool: string;
  readonly realm: string;
  readonly answeringRealm: string;
}

/** The steps of a well-formed question, up to the one that decides. */
export function stepsOf(world: World, question: Question): readonly SpecStep[] {
  const steps: SpecStep[] = [];
  for (const step of allSteps(world, question)) {
    steps.push(step);
    const isYes = step.result === "permitted";
    if (isYes && step.kind !== "pool") break;
    const needsAll = question.check === "all_pools";
    if (question.check !== "filter_pools" && step.kind === "pool" && isYes !== needsAll) break;
  }
  return steps;
}

function allSteps(world: World, question: Question): readonly SpecStep[] {
  const caller = callerOf(question);
  const permission = permissionOf(question);
  const nothing = { permission, pool: "", realm: "", answeringRealm: "" };
  const server = { ...nothing, kind: "server", result: serverResult(world, caller, permission) };
  const inRealm = (realm: string): SpecStep => ({
    ...nothing,
    kind: "realm",
    realm,
    ...realmResult(world, caller, permission, realm),
  });
  const inPool =
    (wanted: string) =>
    (pool: string): SpecStep => {
      const found = (world.pools ?? []).find(({ name }) => name === pool);
      const step = { ...nothing, kind: "pool", pool, permission: wanted };
      if (found === undefined) return { ...step, result: "unknown_pool" };
      return { ...step, realm: found.realm, ...realmResult(world, caller, wanted, found.realm) };
    };
  const sorted = (botId: string): readonly string[] =>
    [...new Set(poolsOfBot(world, botId))].sort();
  switch (question.check) {
    case "server":
      return [server];
    case "pool":
      return [server, inPool(permission)(question.pool)];
    case "all_pools":
    case "any_pools":
    case "filter_pools":
      return [server, ...question.pools.map(inPool(permission))];
    case "bot":
      return [server, ...sorted(question.bot_id).map(inPool(permission))];
    case "task": {
      const { realm, pool, bot_id, submitter } = question.task;
      const isSubmitter = submitter !== "" && submitter === caller;
      const result = isSubmitter ? "permitted" : "not_submitter";
      const ofBot = bot_id === "" ? [] : sorted(bot_id);
      const twin = permission === "swarming.tasks.get" ? "listTasks" : "cancelTask";
      return [
        { ...nothing, kind: "submitter", result },
        server,
        ...(realm === "" ? [] : [inRealm(realm)]),
        ...(pool === "" ? ofBot : [pool]).map(inPool(`swarming.pools.${twin}`)),
      ];
    }
    default:
      return [inRealm(question.realm)];
  }
}

function serverResult(world: World, caller: string, permission: string): string {
  const groups = serverGroups(world, permission);
  if (groups.length === 0) return "no_server_level";
  return groups.some((group) => isMember(world, caller, group)) ? "permitted" : "not_in_groups";
}

/** The groups that have a permission at the server level, some perhaps twice. */
export function serverGroups(world: World, permission: string): readonly string[] {
  return serverSettings(world, permission).map(([, group]) => group);
}

/** The settings that count for a permission, each with the group that it stands for. */
export function serverSettings(
  world: World,
  permission: string,
): readonly (readonly [setting: string, group: string])[] {
  const settings = world.settings ?? {};
  const admins = settings.admins_group || "administrators";
  const tasks = ["viewAllTasksGroup", settings.view_all_tasks_group || admins] as const;
  const bots = ["viewAllBotsGroup", settings.view_all_bots_group || admins] as const;
  const privileged = ["privilegedUsersGroup", settings.privileged_users_group || admins] as const;
  const bootstrap = ["botBootstrapGroup", settings.bot_bootstrap_group || admins] as const;
  const users = ["usersGroup", settings.users_group || admins] as const;
  const adminsOnly = ["adminsGroup", admins] as const;
  switch (permission) {
    case "swarming.tasks.get":
    case "swarming.pools.listTasks":
      return [tasks, privileged, adminsOnly];
    case "swarming.pools.listBots":
      return [bots, privileged, adminsOnly];
    case "swarming.pools.createBot":
      return [bootstrap, adminsOnly];
    case "swarming.servers.peek":
      return [tasks, bots, privileged, bootstrap, users, adminsOnly];
    case "swarming.tasks.cancel":
    case "swarming.pools.cancelTask":
    case "swarming.pools.deleteBot":
    case "swarming.pools.terminateBot":
    case "swarming.pools.createHighPriorityTask":
      return [adminsOnly];
    default:
      return [];
  }
}

function realmResult(
  world: World,
  caller: string,
  permission: string,
  realmName: string,
): Pick<SpecStep, "result" | "answeringRealm"> {
  if (!isDeclared(world, permission))
    return { result: "undeclared_permission", answeringRealm: "" };
  const project = (world.projects ?? []).find(({ name }) => name === projectOfRealm(realmName));
  if (project === undefined) return { result: "undefined_realm", answeringRealm: "" };
  const local = realmName.slice(project.name.length + 1);
  const isDefined = (project.realms ?? []).some(({ name }) => name === local);
  const answering = isDefined ? local : "@root";
  const bindings = heritage(project, answering)
    .flatMap((realm) => realm.bindings ?? [])
    .filter(({ role }) => roleGrants(world, project, role, permission));
  return {
    result: bindingsResult(world, caller, bindings),
    answeringRealm: `${project.name}:${answering}`,
  };
}

function bindingsResult(world: World, caller: string, bindings: readonly WorldBinding[]): string {
  const mine = bindings.filter(({ principals }) => isPrincipal(world, caller, principals ?? []));
  if (mine.some(({ conditions }) => (conditions ?? []).length === 0)) return "permitted";
  if (mine.length > 0) return "conditional";
  const somebody = bindings
    .flatMap(({ principals }) => principals ?? [])
    .some(
      (it) => isIdentity(it) || (world.groups ?? []).some(({ name }) => it === `group:${name}`),
    );
  return somebody ? "not_a_principal" : "not_bound";
}

/** A realm that is written, and all from which it inherits; some perhaps twice. */
function heritage(project: WorldProject, local: string): readonly WorldRealm[] {
  const realm = (project.realms ?? []).find(({ name }) => name === local);
  if (realm === undefined) return [];
  const parents = local === "@root" ? [] : ["@root", ...(realm.extends ?? [])];
  return [realm, ...parents.flatMap((parent) => heritage(project, parent))];
}
