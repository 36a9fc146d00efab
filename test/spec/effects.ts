import { serverGroups } from "./explain.ts";
import { isMember } from "./membership.ts";
import { kindOf } from "./names.ts";
import { hasPermission } from "./realms.ts";
import { roleGrants } from "./roles.ts";
import type { World, WorldGroup } from "./world.ts";

/** One permission that one identity or glob gains or loses in one place. */
export interface SpecEffect {
  readonly kind: "gained" | "lost";
  readonly principal: string;
  /** `server`, `realm p:r` or `pool name`. */
  readonly place: string;
  readonly permission: string;
}

/** A text that tells effects apart. `principal` begins with "identity " or "glob ". */
export function effectKey({ kind, principal, place, permission }: SpecEffect): string {
  return [kind, principal, place, permission].join(" | ");
}

/** Who occurs in no world; stands for whoever a glob or a group stands for. */
export const probe = "service:zz-probe";

/** Everybody whom a group lists, or a binding of a role that holds anything names, as members are compared. */
export function universeOf(world: World, permissions: readonly string[]): readonly string[] {
  const listed = (world.groups ?? []).flatMap(({ members = [] }) => members);
  const bound = (world.projects ?? []).flatMap((project) =>
    (project.realms ?? []).flatMap(({ bindings = [] }) =>
      bindings
        .filter(({ role }) => permissions.some((it) => roleGrants(world, project, role, it)))
        .flatMap(({ principals = [] }) => principals),
    ),
  );
  const identities = [...listed, ...bound].filter((it) => !it.startsWith("group:"));
  return [...new Set(identities.map(fold))];
}

function fold(identity: string): string {
  return kindOf(identity) === "user" ? identity.toLowerCase() : identity;
}

/** Every effect of a change on the identities of both worlds and on their globs, one by one. */
export function effectsOf(
  before: World,
  after: World,
  permissions: readonly string[],
): readonly SpecEffect[] {
  const effects: SpecEffect[] = [];
  const compare = (principal: string, who: string, left: World, right: World): void => {
    for (const place of placesOf(before, after)) {
      for (const permission of permissions) {
        const had = mayAt(left, who, place, permission);
        const has = mayAt(right, who, place, permission);
        const kind = has ? "gained" : "lost";
        if (had !== has) effects.push({ kind, principal, place, permission });
      }
    }
  };
  const identities = [...universeOf(before, permissions), ...universeOf(after, permissions)];
  for (const it of new Set(identities)) compare(`identity ${it}`, it, before, after);
  const globs = [before, after].flatMap(({ groups = [] }) =>
    groups.flatMap((it) => it.globs ?? []),
  );
  for (const glob of new Set(globs)) {
    compare(`glob ${glob}`, probe, withProbe(before, glob), withProbe(after, glob));
  }
  return effects;
}

/** The world in which nobody is a member of anything but the probe, of the groups that hold a glob. */
export function withProbe(world: World, glob: string): World {
  return mapGroups(world, (group) => ({
    ...group,
    globs: [],
    members: (group.globs ?? []).includes(glob) ? [probe] : [],
  }));
}

/** The world in which nobody is a member of anything but the probe, of one group. */
export function withProbeIn(world: World, name: string): World {
  return mapGroups(world, (group) => ({
    ...group,
    globs: [],
    members: group.name === name ? [probe] : [],
  }));
}

function mapGroups(world: World, change: (group: WorldGroup) => WorldGroup): World {
  return { ...world, groups: (world.groups ?? []).map(change) };
}

/** Whether an identity has a permission in a place; in a pool: in the realm of the pool. */
export function mayAt(world: World, who: string, place: string, permission: string): boolean {
  if (place === "server") {
    return serverGroups(world, permission).some((group) => isMember(world, who, group));
  }
  const realm = realmAt(world, place);
  return realm !== undefined && hasPermission(world, who, permission, realm);
}

/** The realm that a place is or is in; undefined at the server level, and for a pool that there is not. */
export function realmAt(world: World, place: string): string | undefined {
  if (place.startsWith("realm ")) return place.slice("realm ".length);
  return (world.pools ?? []).find(({ name }) => place === `pool ${name}`)?.realm;
}

/**
 * The server level, every realm that is defined before or after, and the pools that are new, gone, in another realm,
 * or in a realm that is defined neither before nor after.
 */
export function placesOf(before: World, after: World): readonly string[] {
  const realms = new Set([...definedRealms(before), ...definedRealms(after)]);
  const pools = new Set([before, after].flatMap((world) => (world.pools ?? []).map(poolPlace)));
  return [
    "server",
    ...[...realms].map((realm) => `realm ${realm}`),
    ...[...pools].filter((pool) => {
      const [from, to] = [realmAt(before, pool), realmAt(after, pool)];
      return from !== to || (to !== undefined && !realms.has(to));
    }),
  ];
}

function poolPlace({ name }: { readonly name: string }): string {
  return `pool ${name}`;
}

/** `@root` of a project is defined, written or not. */
function definedRealms(world: World): readonly string[] {
  return (world.projects ?? []).flatMap(({ name, realms = [] }) =>
    ["@root", ...realms.map((realm) => realm.name)].map((local) => `${name}:${local}`),
  );
}
