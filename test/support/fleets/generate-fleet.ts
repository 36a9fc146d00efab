import type { World } from "../../spec/world.ts";
import { makeGroups } from "./groups.ts";
import { makeIdentities, type Identities } from "./identities.ts";
import { makePools } from "./pools.ts";
import { fleetPermissions, fleetRoles, makeProjects } from "./projects.ts";
import { createRandom } from "./random.ts";
import { fleetShapes, type FleetSize } from "./sizes.ts";

/** A made-up fleet. */
export interface Fleet {
  readonly seed: number;
  readonly size: FleetSize;
  /** A valid configuration, as a plain object with the field names of `fleetgate.config.v1.Config`. */
  readonly config: World;
  /** Who occurs in it. */
  readonly identities: Identities;
  /** Some ids of its bots. */
  readonly bots: readonly string[];
}

/**
 * Makes up a realistic fleet. The same seed and size make the same fleet on every machine. `huge` takes a
 * second or two and some 300 MB.
 */
export function generateFleet(options: { readonly seed: number; readonly size: FleetSize }): Fleet {
  const { seed, size } = options;
  const shape = fleetShapes[size];
  const random = createRandom(seed);
  const identities = makeIdentities(random, shape);
  const { groups, settings } = makeGroups(random, shape, identities);
  const projects = makeProjects(random, shape, identities, groups);
  const { pools, botGroups, bots } = makePools(random, shape, projects);
  const config: World = {
    settings,
    permissions: fleetPermissions,
    roles: fleetRoles,
    projects,
    pools,
    bot_groups: botGroups,
    groups,
  };
  return { seed, size, config, identities, bots };
}

/** How many members the groups of a configuration list, nested groups not counted. */
export function countMemberships(config: World): number {
  return (config.groups ?? []).reduce((sum, { members = [] }) => sum + members.length, 0);
}
