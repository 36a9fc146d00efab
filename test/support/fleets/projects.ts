import type {
  WorldBinding,
  WorldGroup,
  WorldPermission,
  WorldProject,
  WorldRealm,
  WorldRole,
} from "../../spec/world.ts";
import { asTyped, type Identities } from "./identities.ts";
import type { Random } from "./random.ts";
import type { FleetShape } from "./sizes.ts";

/** Permissions beyond the built-in ones that every fleet has. */
export const fleetPermissions: readonly WorldPermission[] = [
  { name: "buildbucket.builds.get" },
  { name: "buildbucket.builds.cancel" },
  { name: "scheduler.jobs.get" },
  { name: "scheduler.jobs.trigger", attributes: ["scheduler.job.name"] },
  { name: "cache.blobs.read" },
];

/** Roles beyond the built-in ones that every fleet has. */
export const fleetRoles: readonly WorldRole[] = [
  { name: "role/buildbucket.reader", permissions: ["buildbucket.builds.get"] },
  {
    name: "role/buildbucket.owner",
    permissions: ["buildbucket.builds.cancel"],
    includes: ["role/buildbucket.reader"],
  },
  {
    name: "role/buildbucket.builderServiceAccount",
    permissions: ["cache.blobs.read"],
    includes: ["role/swarming.taskServiceAccount", "role/swarming.taskTriggerer"],
  },
  {
    name: "role/scheduler.triggerer",
    permissions: ["scheduler.jobs.get", "scheduler.jobs.trigger"],
  },
  { name: "role/imported.elsewhere", unresolved: true },
];

const boundRoles = [
  "role/swarming.poolUser",
  "role/swarming.poolViewer",
  "role/swarming.taskViewer",
  "role/swarming.taskTriggerer",
  "role/swarming.poolOwner",
  "role/swarming.taskServiceAccount",
  "role/buildbucket.reader",
  "role/buildbucket.builderServiceAccount",
  "role/scheduler.triggerer",
  "customRole/sheriff",
  "customRole/robot",
  "role/imported.elsewhere",
];

const purposes = ["ci", "try", "perf", "fuzz", "release", "pools", "manual", "infra"];

/** Makes up the projects of a fleet, `project-0` and so on. */
export function makeProjects(
  random: Random,
  shape: FleetShape,
  cast: Identities,
  groups: readonly WorldGroup[],
): readonly WorldProject[] {
  const groupNames = groups.map(({ name }) => name);
  const makeBinding = (): WorldBinding => {
    const principals = Array.from({ length: 1 + random.int(4) }, () => {
      if (random.chance(2)) return "group:left-the-company";
      if (random.chance(70)) return `group:${random.pick(groupNames)}`;
      return asTyped(random, random.pickSkewed(cast.all));
    });
    const binding = { role: random.pickSkewed(boundRoles), principals };
    if (!random.chance(5)) return binding;
    const values = Array.from({ length: 1 + random.int(3) }, () => `job-${random.int(20)}`);
    return { ...binding, conditions: [{ attribute: "scheduler.job.name", values }] };
  };
  const makeBindings = (most: number): readonly WorldBinding[] =>
    Array.from({ length: random.int(most) + 1 }, makeBinding);

  return Array.from({ length: shape.projects }, (_, index) => ({
    name: index === shape.projects - 1 ? "@internal" : `project-${index}`,
    custom_roles: [
      {
        name: "customRole/sheriff",
        permissions: ["swarming.tasks.cancel", "swarming.pools.cancelTask"],
        includes: ["role/swarming.poolViewer", "customRole/reader"],
      },
      { name: "customRole/robot", includes: ["role/buildbucket.builderServiceAccount"] },
      { name: "customRole/reader", permissions: ["swarming.tasks.get"] },
    ],
    realms: makeRealms(random, shape, makeBindings),
  }));
}

function makeRealms(
  random: Random,
  shape: FleetShape,
  makeBindings: (most: number) => readonly WorldBinding[],
): readonly WorldRealm[] {
  const realms: WorldRealm[] = [{ name: "@root", bindings: makeBindings(4) }];
  for (let index = 0; index < shape.realms; index += 1) {
    const purpose = purposes[index % purposes.length] ?? "ci";
    const turn = Math.floor(index / purposes.length);
    const name = turn === 0 ? purpose : `${purpose}/${turn}`;
    // A realm extends only realms before it, so there are no cycles.
    const parents = realms.slice(1).map((realm) => realm.name);
    const inherited = random.chance(30) ? random.sample(parents, 1 + random.int(2)) : [];
    realms.push({
      name,
      ...(inherited.length > 0 && { extends: inherited }),
      bindings: random.chance(10) ? [] : makeBindings(shape.bindings),
    });
  }
  return realms;
}
