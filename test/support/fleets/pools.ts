import type { WorldBotGroup, WorldPool, WorldProject } from "../../spec/world.ts";
import type { Random } from "./random.ts";
import type { FleetShape } from "./sizes.ts";

/** The pools and bots of a fleet. */
export interface PoolPlan {
  readonly pools: readonly WorldPool[];
  readonly botGroups: readonly WorldBotGroup[];
  /** Some ids of bots that the bot groups list or whose prefix they name. */
  readonly bots: readonly string[];
}

/** Makes up pools, several of them in one realm, some in a realm that is not defined. */
export function makePools(
  random: Random,
  shape: FleetShape,
  projects: readonly WorldProject[],
): PoolPlan {
  const pools = Array.from({ length: shape.pools }, (_, index): WorldPool => {
    const project = random.pickSkewed(projects);
    const defined = (project.realms ?? []).map(({ name }) => name);
    const local = random.chance(5) ? "not-yet-there" : random.pickSkewed(defined);
    const owner = random.chance(2) ? "vanished" : project.name;
    const name = `${project.name.replace("@", "")}.${random.pick(["tests", "builds", "Mac mini"])}-${index}`;
    const pool = { name, realm: `${owner}:${local}` };
    return random.chance(30)
      ? { ...pool, default_task_realm: `${project.name}:${random.pick(defined)}` }
      : pool;
  });
  return { pools, ...makeBots(random, shape, pools) };
}

function makeBots(
  random: Random,
  shape: FleetShape,
  pools: readonly WorldPool[],
): Omit<PoolPlan, "pools"> {
  const botGroups: WorldBotGroup[] = [{ name: "default", pools: ["spare"] }];
  const bots: string[] = ["nobody-knows-me", "nobody-knows-me--1"];
  pools.forEach((pool, index) => {
    const inPools = [pool.name];
    if (random.chance(20)) inPools.push(random.pick(pools).name);
    if (random.chance(3)) inPools.push("torn-down");
    const named = [...new Set(inPools)];
    const hosts = 1 + random.int(shape.hosts);
    if (random.chance(70)) {
      const id = `vm${index}-${hosts}-m1`;
      botGroups.push({
        name: `vms-${index}`,
        bot_ids: [`vm${index}-{1..${hosts + 1}}-m1`, `lab${index}-{001..009,020}`],
        pools: named,
      });
      bots.push(id, `${id}--${random.int(9)}`, `lab${index}-00${1 + random.int(9)}`);
    } else {
      botGroups.push({ name: `gce-${index}`, bot_id_prefixes: [`gce-${index}-`], pools: named });
      bots.push(`gce-${index}-${random.int(1_000)}`, `gce-${index}-a--${random.int(9)}`);
      if (random.chance(30)) {
        // One slot of a host that belongs elsewhere, and a host inside the prefix of another group.
        const ids = [`gce-${index}-a--7`, `gce-${index}-static`];
        botGroups.push({
          name: `override-${index}`,
          bot_ids: ids,
          pools: [random.pick(pools).name],
        });
        bots.push(...ids);
      }
    }
  });
  botGroups.push({ name: "no-pools", bot_ids: ["forgotten"] });
  return { botGroups, bots: [...bots, "forgotten"] };
}
