import type { World, WorldProject } from "../../spec/world.ts";
import { createRandom, type Random } from "../../support/fleets/random.ts";
import type { LooseWorld } from "./repair-world.ts";
import type { SourceFiles } from "./engine-world.ts";

/** The same world with every list in another order: all lists of a configuration are sets. */
export function shuffleWorld(world: World, seed: number): World {
  return shuffleLists(world, createRandom(seed)) as World;
}

function shuffleLists(value: unknown, random: Random): unknown {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return random.sample(items, items.length).map((item) => shuffleLists(item, random));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, shuffleLists(item, random)]),
  );
}

/**
 * The same world as several sources of several files each. Sources that are referred to come first, as
 * they must when they are applied one by one.
 */
export function splitWorld(world: World, seed: number): readonly SourceFiles[] {
  const random = createRandom(seed);
  const { settings, permissions = [], roles = [], projects = [], groups = [], ...machines } = world;
  const byOwner = new Map<string, WorldProject[]>();
  for (const project of projects) {
    const owner = random.pick(["shared", "machines", "team-1", "team-2"]);
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), project]);
  }
  const owned = (owner: string): readonly WorldProject[] => byOwner.get(owner) ?? [];
  const parts: readonly (readonly [string, World])[] = [
    ["people", { groups }],
    [
      "shared",
      {
        ...(settings !== undefined && { settings }),
        permissions,
        roles,
        projects: owned("shared"),
      },
    ],
    ["machines", { ...machines, projects: owned("machines") }],
    ["team-1", { projects: owned("team-1") }],
    ["team-2", { projects: owned("team-2") }],
  ];
  return parts.map(([source, part]) => ({ source, files: splitFiles(part, random) }));
}

/** Deals the items of every list out to two files; the settings stay whole. */
function splitFiles(part: World, random: Random): readonly World[] {
  const [left, right]: [Record<string, unknown>, Record<string, unknown>] = [{}, {}];
  for (const [name, value] of Object.entries(part)) {
    if (!Array.isArray(value)) {
      random.pick([left, right])[name] = value;
      continue;
    }
    const items: readonly unknown[] = value;
    const toLeft = items.map(() => random.chance(50));
    left[name] = items.filter((_, index) => toLeft[index] === true);
    right[name] = items.filter((_, index) => toLeft[index] !== true);
  }
  return [left, right];
}

/** Most of what one world holds, and a little of another, which comes first where names are the same. */
export function mixWorlds(base: LooseWorld, other: LooseWorld, seed: number): LooseWorld {
  const random = createRandom(seed);
  const some = <T>(list: readonly T[] = [], percent: number): readonly T[] =>
    list.filter(() => random.chance(percent));
  const mix = <T>(
    theirs: readonly T[] | undefined,
    ours: readonly T[] | undefined,
  ): readonly T[] => [...some(theirs, 30), ...some(ours, 80)];
  const settings = random.chance(30) ? other.settings : base.settings;
  return {
    upwards: base.upwards,
    ...(settings !== undefined && { settings }),
    permissions: mix(other.permissions, base.permissions),
    roles: mix(other.roles, base.roles),
    projects: mix(other.projects, base.projects),
    pools: mix(other.pools, base.pools),
    bot_groups: mix(other.bot_groups, base.bot_groups),
    groups: mix(other.groups, base.groups),
  };
}
