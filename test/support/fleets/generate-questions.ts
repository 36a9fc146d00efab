import type { Question, TaskClaim } from "../../spec/question.ts";
import type { WorldBinding, WorldGroup, WorldPool, WorldProject } from "../../spec/world.ts";
import type { Fleet } from "./generate-fleet.ts";
import { createRandom, type Random } from "./random.ts";

const poolPermissions = [
  "swarming.pools.createTask",
  "swarming.pools.listTasks",
  "swarming.pools.listBots",
  "swarming.pools.cancelTask",
  "swarming.pools.terminateBot",
  "buildbucket.builds.get",
];

/** What the generator knows of a fleet while it makes up questions. */
interface Scene {
  readonly random: Random;
  readonly fleet: Fleet;
  readonly pools: readonly WorldPool[];
  readonly projects: ReadonlyMap<string, WorldProject>;
  readonly groups: ReadonlyMap<string, WorldGroup>;
}

/**
 * Makes up questions as services ask them: most about few callers and few pools, about half of them by
 * somebody who is bound in the realm in question, so that permitted and denied both occur.
 */
export function generateQuestions(
  fleet: Fleet,
  options: { readonly seed: number; readonly count: number },
): readonly Question[] {
  const { config } = fleet;
  const scene: Scene = {
    random: createRandom(options.seed),
    fleet,
    pools: config.pools ?? [],
    projects: new Map((config.projects ?? []).map((project) => [project.name, project])),
    groups: new Map((config.groups ?? []).map((group) => [group.name, group])),
  };
  return Array.from({ length: options.count }, () => makeQuestion(scene));
}

function makeQuestion(scene: Scene): Question {
  const { random, fleet } = scene;
  const pool = random.pickSkewed(scene.pools);
  const caller = random.chance(50)
    ? (somebodyBoundIn(scene, pool.realm) ?? random.pickSkewed(fleet.identities.all))
    : random.pickSkewed(fleet.identities.all);
  const permission = random.pickSkewed(poolPermissions);
  const realm = pool.default_task_realm ?? pool.realm;
  const dice = random.int(100);
  if (dice < 40) return { check: "pool", caller, permission, pool: askedPool(scene, pool) };
  if (dice < 60) return makeTaskQuestion(scene, caller, pool);
  if (dice < 70) return { check: "bot", caller, permission, bot_id: random.pick(fleet.bots) };
  if (dice < 76) return { check: "server", caller, permission };
  if (dice < 82) return { check: "create_in_realm", caller, realm };
  if (dice < 86) return makeActAsQuestion(scene, realm);
  const pools = [pool.name, ...random.sample(scene.pools, random.int(8)).map(({ name }) => name)];
  const check = dice < 90 ? "all_pools" : dice < 94 ? "any_pools" : "filter_pools";
  return { check, caller, permission, pools };
}

function askedPool({ random }: Scene, pool: WorldPool): string {
  return random.chance(3) ? `${pool.name}-gone` : pool.name;
}

function makeTaskQuestion(scene: Scene, caller: string, pool: WorldPool): Question {
  const { random, fleet } = scene;
  const task: TaskClaim = {
    task_id: random.int(2 ** 31).toString(16),
    realm: random.chance(80) ? (pool.default_task_realm ?? pool.realm) : "",
    pool: random.chance(70) ? askedPool(scene, pool) : "",
    bot_id: random.chance(50) ? random.pick(fleet.bots) : "",
    submitter: random.chance(10) ? caller : random.pickSkewed(fleet.identities.all),
  };
  const permission = random.chance(80) ? "swarming.tasks.get" : "swarming.tasks.cancel";
  return { check: "task", caller, permission, task };
}

function makeActAsQuestion(scene: Scene, realm: string): Question {
  const { random, fleet } = scene;
  const account = random.chance(50) ? somebodyBoundIn(scene, realm) : undefined;
  const { accounts, people } = fleet.identities;
  const user = account?.startsWith("user:")
    ? account
    : random.pickSkewed(accounts.length > 0 ? accounts : people);
  return { check: "act_as", service_account: user.slice("user:".length), realm };
}

/** An identity that some binding of the realm, or of `@root`, gives a role to; undefined: found none. */
function somebodyBoundIn(scene: Scene, realmName: string): string | undefined {
  const { random } = scene;
  const [projectName = "", local] = realmName.split(":");
  const realms = scene.projects.get(projectName)?.realms ?? [];
  const realm = realms.find(({ name }) => name === local) ?? realms[0];
  const bindings: readonly WorldBinding[] = realm?.bindings ?? [];
  if (bindings.length === 0) return undefined;
  const principals = random.pick(bindings).principals ?? [];
  if (principals.length === 0) return undefined;
  const principal = random.pick(principals);
  if (!principal.startsWith("group:")) return principal;
  // Down through nested groups until one has members; they have no cycles.
  let group = scene.groups.get(principal.slice("group:".length));
  while (group !== undefined) {
    const { members = [], nested = [] }: WorldGroup = group;
    const deeper: boolean = nested.length > 0 && (members.length === 0 || random.chance(50));
    if (!deeper) return members.length === 0 ? undefined : random.pick(members);
    group = scene.groups.get(random.pick(nested));
  }
  return undefined;
}
