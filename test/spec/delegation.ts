import { poolsOfBot } from "./bots.ts";
import { isMember } from "./membership.ts";
import { globMatches, kindOf } from "./names.ts";
import { permissionOf, type Question } from "./question.ts";
import type { World, WorldDelegation } from "./world.ts";

/**
 * Whether some delegation lets `peer` ask a question about `caller`, another identity. Nobody may ask
 * about a task. An empty list in a delegation stands for any.
 */
export function mayAskOnBehalf(
  world: World,
  peer: string,
  caller: string,
  question: Question,
): boolean {
  return mayAskAllOnBehalf(world, peer, caller, [question]);
}

/** The same for questions that are asked as one: some one delegation lets `peer` ask each of them. */
export function mayAskAllOnBehalf(
  world: World,
  peer: string,
  caller: string,
  questions: readonly Question[],
): boolean {
  if (kindOf(caller) === "task") return false;
  return (world.settings?.delegations ?? []).some(
    (delegation) =>
      isMember(world, peer, delegation.group) &&
      coversCaller(delegation, caller) &&
      questions.every(
        (question) =>
          coversPermission(delegation, permissionOf(question)) &&
          coversRealms(delegation, realmsTouched(world, question)),
      ),
  );
}

function coversCaller({ caller_globs: globs = [] }: WorldDelegation, caller: string): boolean {
  return globs.length === 0 || globs.some((glob) => globMatches(glob, caller));
}

function coversPermission({ permissions = [] }: WorldDelegation, permission: string): boolean {
  return permissions.length === 0 || permissions.includes(permission);
}

/** A question that touches no realm is about the server, which no list of realms covers. */
function coversRealms({ realms = [] }: WorldDelegation, touched: readonly string[]): boolean {
  if (realms.length === 0) return true;
  return touched.length > 0 && touched.every((realm) => realms.includes(realm));
}

/** The realms that a question names or whose pools it names. An unknown pool is in the realm "". */
function realmsTouched(world: World, question: Question): readonly string[] {
  switch (question.check) {
    case "server":
      return [];
    case "pool":
      return realmsOfPools(world, [question.pool]);
    case "all_pools":
    case "any_pools":
    case "filter_pools":
      return realmsOfPools(world, question.pools);
    case "task": {
      const { realm, pool, bot_id: botId } = question.task;
      const ofTask = realm === "" ? [] : [realm];
      if (pool !== "") return [...ofTask, ...realmsOfPools(world, [pool])];
      if (botId !== "") return [...ofTask, ...realmsOfPools(world, poolsOfBot(world, botId))];
      return ofTask;
    }
    case "bot":
      return realmsOfPools(world, poolsOfBot(world, question.bot_id));
    default:
      return [question.realm];
  }
}

function realmsOfPools(world: World, names: readonly string[]): readonly string[] {
  return names.map((name) => (world.pools ?? []).find((pool) => pool.name === name)?.realm ?? "");
}
