import { invalidField } from "../../domain/errors.ts";
import { foldIdentity, parseIdentity } from "../../domain/identity.ts";
import { taskPermissionTwins } from "../../domain/permissions.ts";
import { taskPermission } from "../checker/check-task-perm.ts";
import { answeringRealm, indexRealms } from "./answering-realm.ts";
import type { Inspection } from "./inspection.ts";
import type { Place } from "./listings.ts";

/** Who has a permission in a place without any membership. */
export interface Granted {
  /** Direct principals, folded. */
  readonly identities: ReadonlySet<string>;
  /** Names; some may not exist. */
  readonly groups: ReadonlySet<string>;
  /** "": nobody. */
  readonly submitter: string;
}

/** One step of a check: the permission at the server level, in a realm, or in the realm of a pool. */
type Level =
  | { readonly kind: "server"; readonly permission: string }
  | { readonly kind: "realm"; readonly permission: string; readonly realm: string }
  | { readonly kind: "pool"; readonly permission: string; readonly pool: string };

/** Collects what every step of the check of a place looks at. Throws INVALID_FIELD as CheckTaskPerm does. */
export function findGranted(
  { snapshot, configuration }: Inspection,
  permission: string,
  place: Place,
): Granted {
  const identities = new Set<string>();
  const groups = new Set<string>();
  const realms = indexRealms(configuration);
  const declared = new Set(configuration.permissions);

  function addRealm(name: string, permission: string): void {
    if (!declared.has(permission)) return;
    for (const binding of answeringRealm(realms, name)?.bindings ?? []) {
      // Checks pass no attributes, so a condition never holds.
      if (binding.conditions.length > 0 || !binding.permissions.includes(permission)) continue;
      for (const principal of binding.principals) {
        if (principal.startsWith("group:")) {
          groups.add(principal.slice("group:".length));
          continue;
        }
        const identity = parseIdentity(principal);
        if (identity !== undefined) identities.add(foldIdentity(identity));
      }
    }
  }

  for (const level of levelsOf(permission, place, (botId) => snapshot.fleet.poolsOfBot(botId))) {
    switch (level.kind) {
      case "server":
        for (const group of snapshot.fleet.serverGroups(level.permission)) groups.add(group);
        break;
      case "realm":
        addRealm(level.realm, level.permission);
        break;
      case "pool": {
        const realm = snapshot.fleet.realmOfPool(level.pool);
        if (realm !== undefined) addRealm(realm, level.permission);
        break;
      }
    }
  }
  return { identities, groups, submitter: place.kind === "task" ? place.task.submitter : "" };
}

/** The steps of the check of a place, the submitter apart (docs/semantics.md §7). */
function levelsOf(
  permission: string,
  place: Place,
  poolsOfBot: (botId: string) => readonly string[],
): readonly Level[] {
  const server: Level = { kind: "server", permission };
  const inPools = (pools: readonly string[], permission: string): readonly Level[] =>
    pools.map((pool) => ({ kind: "pool", permission, pool }));
  switch (place.kind) {
    case "server":
      return [server];
    case "pool":
      return [server, ...inPools([place.pool], permission)];
    case "realm":
      return [{ kind: "realm", permission, realm: place.realm }];
    case "bot":
      return [server, ...inPools(poolsOfBot(place.botId), permission)];
    default: {
      const twin = taskPermissionTwins.get(permission);
      if (twin === undefined) throw invalidField("permission", taskPermission.rule);
      const { realm, pool, botId } = place.task;
      // A pool decides alone, even an unknown one.
      const ofBot = botId === "" ? [] : poolsOfBot(botId);
      return [
        server,
        ...(realm === "" ? [] : [{ kind: "realm" as const, permission, realm }]),
        ...inPools(pool === "" ? ofBot : [pool], twin),
      ];
    }
  }
}
