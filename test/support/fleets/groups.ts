import type { WorldGroup, WorldSettings } from "../../spec/world.ts";
import { asTyped, type Identities } from "./identities.ts";
import type { Random } from "./random.ts";
import type { FleetShape } from "./sizes.ts";

/** The groups of a fleet and the settings that name some of them. */
export interface GroupPlan {
  readonly groups: readonly WorldGroup[];
  readonly settings: WorldSettings;
}

const serverGroups = [
  "fleet-users",
  "fleet-view-all-tasks",
  "fleet-view-all-bots",
  "fleet-privileged-users",
  "fleet-bot-bootstrap",
];

/** Makes up groups with exactly as many memberships as the shape says. */
export function makeGroups(random: Random, shape: FleetShape, cast: Identities): GroupPlan {
  // The smallest fleet leaves all but one of the groups of the server level to their default.
  const named = shape.memberships < 100 ? serverGroups.slice(0, 1) : serverGroups;
  const fixed: WorldGroup[] = [
    { name: "administrators", members: [cast.people[0] ?? "user:root@example.com"] },
    {
      name: "all",
      description: "Everybody, signed in or not.",
      members: ["anonymous:anonymous"],
      globs: ["user:*", "service:*", "bot:*", "project:*"],
    },
    { name: "fleet-askers", members: [cast.services[0] ?? "service:front"] },
    ...named.map((name) => ({ name, owners: "administrators", members: pickMembers(1) })),
  ];
  function pickMembers(count: number): string[] {
    return random.sample(cast.all, count).map((identity) => asTyped(random, identity));
  }

  const rest = shape.memberships - fixed.length;
  const counts = splitSkewed(rest, shape.groups, cast.all.length);
  const groups: WorldGroup[] = counts.map((count, index) => {
    const members = pickMembers(count);
    return index % 3 === 0
      ? { name: `${random.pick(["ldap", "google"])}/dept-${index}`, members }
      : { name: `team-${index}`, description: `Team ${index}.`, members };
  });
  const nested = nestGroups(random, shape, groups);
  return { groups: [...fixed, ...nested], settings: makeSettings(named, cast) };
}

/** Cuts `total` into `parts` of at most `most`, the first ones much larger than the last. */
function splitSkewed(total: number, parts: number, most: number): readonly number[] {
  const weights = Array.from({ length: parts }, (_, index) => 1 / (index + 1) ** 0.8);
  const sum = weights.reduce((left, right) => left + right, 0);
  const counts = weights.map((weight) => Math.min(most, Math.floor((total * weight) / sum)));
  let left = total - counts.reduce((before, count) => before + count, 0);
  for (let index = 0; left > 0; index = (index + 1) % parts) {
    const count = counts[index] ?? 0;
    if (count >= most) continue;
    counts[index] = count + 1;
    left -= 1;
  }
  return counts;
}

/**
 * Nests groups in groups of the level above: the first ones lie lowest. Every level nests two or three
 * groups of the level below, so that diamonds occur. External groups nest nothing and have no globs.
 */
function nestGroups(
  random: Random,
  shape: FleetShape,
  groups: readonly WorldGroup[],
): readonly WorldGroup[] {
  // Half of the groups are leaves; the others share the levels above.
  const levelOf = (index: number): number => {
    const above = index - groups.length / 2;
    if (above < 0) return 0;
    return Math.min(
      shape.levels - 1,
      1 + Math.floor((above * 2 * (shape.levels - 1)) / groups.length),
    );
  };
  const levels: string[][] = Array.from({ length: shape.levels }, () => []);
  groups.forEach((group, index) => levels[levelOf(index)]?.push(group.name));
  return groups.map((group, index) => {
    if (group.name.includes("/")) return group;
    const below = levels[levelOf(index) - 1] ?? [];
    const nested = random.sample(below, 2 + random.int(2));
    const globs = random.chance(5) ? [random.pick(teamGlobs)] : [];
    return { ...group, ...(nested.length > 0 && { nested }), ...(globs.length > 0 && { globs }) };
  });
}

const teamGlobs = [
  "service:builder-*",
  "user:*@partner.example.org",
  "bot:host-1*",
  "user:builder-*@accounts.example.com",
  "user:*.ito*@*",
];

function makeSettings(named: readonly string[], cast: Identities): WorldSettings {
  const setTo = (name: string): string => (named.includes(name) ? name : "");
  return {
    admins_group: "administrators",
    users_group: setTo("fleet-users"),
    view_all_tasks_group: setTo("fleet-view-all-tasks"),
    view_all_bots_group: setTo("fleet-view-all-bots"),
    privileged_users_group: setTo("fleet-privileged-users"),
    bot_bootstrap_group: setTo("fleet-bot-bootstrap"),
    delegations: [
      { group: "fleet-askers", caller_globs: ["user:*", "project:*", "anonymous:*"] },
      {
        group: cast.services.length > 1 ? "team-1" : "fleet-askers",
        caller_globs: ["bot:*"],
        permissions: ["swarming.tasks.get", "swarming.pools.listBots"],
        realms: ["project-0:ci", "project-0:@root"],
      },
    ],
  };
}
