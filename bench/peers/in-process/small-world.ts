import { foldIdentity, type Identity } from "../../../src/domain/identity.ts";
import type { ExpandedConfiguration } from "../../../src/domain/expanded.ts";
import { createSnapshot, type Snapshot } from "../../../src/engine/snapshot.ts";
import { createRandom } from "../../../test/support/fleets/random.ts";
import type { BuiltWorld } from "../world/build-world.ts";

/** Some realms of a fleet, and some people with the groups that count there: as little as a library can bear. */
export interface SmallWorld {
  readonly realms: number;
  /** Who has which permission in which realm: `group:NAME` or an identity, folded. */
  readonly grants: readonly Grant[];
  /** Of each caller the groups that it is in, through all nesting. */
  readonly groupsOf: ReadonlyMap<string, readonly string[]>;
  readonly questions: readonly SmallQuestion[];
  /** The same in our engine. */
  readonly snapshot: Snapshot;
}

/** One principal, one permission, one realm. */
export interface Grant {
  readonly principal: string;
  readonly permission: string;
  readonly realm: string;
}

/** One check and its answer. */
export interface SmallQuestion {
  readonly caller: string;
  readonly permission: string;
  readonly realm: string;
  readonly permitted: boolean;
}

const permissions = ["swarming.pools.listTasks", "swarming.pools.createTask"];
const callerCount = 50;
const questionCount = 60;

/** Cuts the first realms with bindings out of a world. */
export function cutSmallWorld(world: BuiltWorld, realms: number): SmallWorld {
  const { expanded, snapshot: whole, members, spec } = world;
  const random = createRandom(spec.seed);
  const used = expanded.realms
    .map(({ name, bindings }) => ({
      name,
      bindings: bindings.filter(
        (one) =>
          one.conditions.length === 0 && one.permissions.some((name) => permissions.includes(name)),
      ),
    }))
    .filter(({ bindings }) => bindings.length > 0)
    .slice(0, realms);
  const grants = used.flatMap(({ name: realm, bindings }) => grantsOf(realm, bindings));
  const groups = new Set(grants.flatMap(({ principal }) => groupOf(principal)));
  const callers = random.sample(members, callerCount);
  const groupsOf = new Map(
    callers.map((caller) => [
      caller,
      [...groups].filter((group) => whole.authDb.isMember(caller as Identity, group)),
    ]),
  );
  const snapshot = createSnapshot({ revision: 1n, ...flatten(expanded, used, groups, groupsOf) });
  const questions = Array.from({ length: questionCount }, () => {
    const caller = random.pick(callers);
    const permission = random.pick(permissions);
    const realm = random.pick(used).name;
    const permitted = snapshot.authDb.hasPermission(caller as Identity, permission, realm);
    return { caller, permission, realm, permitted };
  });
  return { realms: used.length, grants, groupsOf, questions, snapshot };
}

type Bindings = ExpandedConfiguration["realms"][number]["bindings"];

function grantsOf(realm: string, bindings: Bindings): readonly Grant[] {
  const known = new Map<string, Grant>();
  for (const { permissions: given, principals } of bindings) {
    for (const permission of given.filter((name) => permissions.includes(name))) {
      for (const text of principals) {
        const principal = text.startsWith("group:") ? text : foldIdentity(text as Identity);
        known.set(`${permission} ${principal}`, { principal, permission, realm });
      }
    }
  }
  return [...known.values()];
}

function groupOf(principal: string): readonly string[] {
  return principal.startsWith("group:") ? [principal.slice("group:".length)] : [];
}

/** Only these realms, and groups without nesting that hold these callers. */
function flatten(
  expanded: ExpandedConfiguration,
  realms: ExpandedConfiguration["realms"],
  groups: ReadonlySet<string>,
  groupsOf: ReadonlyMap<string, readonly string[]>,
): ExpandedConfiguration {
  const callers = [...groupsOf];
  return {
    ...expanded,
    realms,
    pools: [],
    botGroups: [],
    groups: [...groups].map((name) => ({
      ...{ name, description: "", owners: "administrators", globs: [], nested: [] },
      members: callers.filter(([, list]) => list.includes(name)).map(([caller]) => caller),
    })),
  };
}
