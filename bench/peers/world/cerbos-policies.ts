import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { foldIdentity, type Identity } from "../../../src/domain/identity.ts";
import { createServerLevel } from "../../../src/engine/server-level.ts";
import type { BuiltWorld } from "./build-world.ts";

/** How a client of Cerbos asks about this world. */
export interface CerbosWorld {
  /** The kind of resource that a pool is, without the prefix of a variant. */
  readonly kindOf: (pool: string) => string;
  /** The groups that policies name and the caller is in: the client must know them. */
  readonly groupsOf: (caller: string) => readonly string[];
  /** The role of the caller itself, when a policy names it; undefined: none does. */
  readonly identityOf: (caller: string) => string | undefined;
  readonly realms: number;
}

/** Everybody has it: Cerbos wants at least one role. */
export const everybodysRole = "member";

const nowhere = "nowhere";

/** Who has some permissions in one realm. */
interface Grant {
  readonly permissions: readonly string[];
  readonly groups: ReadonlySet<string>;
  readonly identities: ReadonlySet<string>;
}

/**
 * Writes policies that answer as this world does, about pools and without attributes, in two variants: `plain`, in
 * which rules name groups as roles, and `derived`, in which conditions look for groups in an attribute of the
 * principal. What is inherited is written out, and only realms that pools are in are there.
 */
export async function writeCerbosPolicies(
  { expanded, snapshot }: BuiltWorld,
  permissions: ReadonlySet<string>,
  folder: string,
): Promise<CerbosWorld> {
  const realms = new Map(expanded.realms.map((realm) => [realm.name, realm]));
  const names = createNames();
  const level = [...createServerLevel(expanded.settings)]
    .filter(([permission]) => permissions.has(permission))
    .map(([permission, groups]) => ({
      ...{ permissions: [permission], groups: new Set(groups), identities: new Set<string>() },
    }));
  const kinds = new Map<string, string>([["", nowhere]]);
  const kindOfPool = new Map<string, string>();
  await mkdir(folder, { recursive: true });
  await writeRealm(folder, nowhere, level, names);
  for (const { name, realm: wanted } of expanded.pools) {
    // A realm that is not defined is answered by the root of its project.
    const root = `${wanted.split(":", 1)[0]}:@root`;
    const found = realms.get(wanted) ?? realms.get(root);
    const key = found?.name ?? "";
    let kind = kinds.get(key);
    if (kind === undefined && found !== undefined) {
      kind = `r${kinds.size}`;
      kinds.set(key, kind);
      const grants = found.bindings.flatMap((binding) => toGrant(binding, permissions));
      await writeRealm(folder, kind, [...level, ...grants], names);
    }
    kindOfPool.set(name, kind ?? nowhere);
  }
  return {
    kindOf: (pool) => kindOfPool.get(pool) ?? nowhere,
    groupsOf: (caller) =>
      [...names.groups]
        .filter(([group]) => snapshot.authDb.isMember(caller as Identity, group))
        .map(([, role]) => role),
    identityOf: (caller) => names.identities.get(foldIdentity(caller as Identity)),
    realms: kinds.size - 1,
  };
}

function toGrant(
  binding: BuiltWorld["expanded"]["realms"][number]["bindings"][number],
  asked: ReadonlySet<string>,
): readonly Grant[] {
  // Checks of pools pass no attributes, so that a condition never holds.
  if (binding.conditions.length > 0) return [];
  const permissions = binding.permissions.filter((permission) => asked.has(permission));
  if (permissions.length === 0) return [];
  const groups = new Set<string>();
  const identities = new Set<string>();
  for (const principal of binding.principals) {
    if (principal.startsWith("group:")) groups.add(principal.slice("group:".length));
    else identities.add(foldIdentity(principal as Identity));
  }
  return [{ permissions, groups, identities }];
}

interface Names {
  readonly groups: Map<string, string>;
  readonly identities: Map<string, string>;
}

// Roles of Cerbos have no room for every character of ours.
function createNames(): Names {
  return { groups: new Map(), identities: new Map() };
}

function nameIn(map: Map<string, string>, prefix: string, name: string): string {
  let given = map.get(name);
  if (given === undefined) {
    given = `${prefix}${map.size}`;
    map.set(name, given);
  }
  return given;
}

async function writeRealm(
  folder: string,
  kind: string,
  grants: readonly Grant[],
  names: Names,
): Promise<void> {
  const united = unite(grants).map(({ permissions, groups, identities }) => ({
    actions: permissions,
    groups: [...groups].map((group) => nameIn(names.groups, "g", group)),
    identities: [...identities].map((identity) => nameIn(names.identities, "i", identity)),
  }));
  const derived = united.map(({ groups, identities }, index) => ({
    name: `b${index}`,
    parentRoles: [everybodysRole],
    condition: {
      match: {
        expr: `hasIntersection(P.attr.groups, ${JSON.stringify([...groups, ...identities])})`,
      },
    },
  }));
  const rule = { effect: "EFFECT_ALLOW" };
  const files = {
    [`plain_${kind}`]: resourcePolicy(
      `plain_${kind}`,
      united.map(({ actions, groups, identities }) => ({
        ...{ ...rule, actions, roles: [...groups, ...identities] },
      })),
    ),
    ...(derived.length > 0 && {
      [`roles_${kind}`]: { derivedRoles: { name: `roles_${kind}`, definitions: derived } },
    }),
    [`derived_${kind}`]: resourcePolicy(
      `derived_${kind}`,
      united.map(({ actions }, index) => ({ ...rule, actions, derivedRoles: [`b${index}`] })),
      derived.length > 0 ? [`roles_${kind}`] : [],
    ),
  };
  for (const [name, policy] of Object.entries(files)) {
    const text = JSON.stringify({ apiVersion: "api.cerbos.dev/v1", ...policy });
    await writeFile(join(folder, `${name}.json`), text);
  }
}

function resourcePolicy(
  resource: string,
  rules: readonly object[],
  imported: readonly string[] = [],
): object {
  return {
    resourcePolicy: {
      ...{ version: "default", resource, rules },
      ...(imported.length > 0 && { importDerivedRoles: imported }),
    },
  };
}

/** Those with the same permissions become one, as they do when we compile bindings. */
function unite(grants: readonly Grant[]): readonly Grant[] {
  const united = new Map<string, { groups: Set<string>; identities: Set<string> } & Grant>();
  for (const { permissions, groups, identities } of grants) {
    const key = [...permissions].sort().join(" ");
    const one = united.get(key) ?? { permissions, groups: new Set(), identities: new Set() };
    united.set(key, one);
    for (const group of groups) one.groups.add(group);
    for (const identity of identities) one.identities.add(identity);
  }
  return [...united.values()].filter(({ groups, identities }) => groups.size + identities.size > 0);
}
