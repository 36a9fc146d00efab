import { compareBytewise } from "../../domain/bytewise.ts";
import type { ExplainContext } from "./context.ts";
import { addMember, groupsAbove, type GrantPart } from "./grant-part.ts";
import type { Plan } from "./plan.ts";
import type { RealmAnswer } from "./realm-answer.ts";
import { findRealmDoor, type RealmDoor } from "./realm-door.ts";

/** The most changes that a grant has: nobody would review more. */
export const maxChangesPerGrant = 100;

/** How many groups are tried, those that the most realms name first. */
const maxGroupsTried = 50;

/**
 * Parts that together give a permission in every one of several pools, many lists of them: a binding in each
 * realm that says no; one group that is bound in some, and bindings in the others; groups alone. No list has a
 * part that it could do without. There are none when a pool is unknown.
 */
export function partsForAllPools(
  context: ExplainContext,
  plan: Plan,
  lookUp: (permission: string, realm: string) => RealmAnswer,
): readonly (readonly GrantPart[])[] {
  const doors = closedDoors(context, plan, lookUp);
  if (doors === undefined) return [];
  const opened = createOpenedByGroup(context, doors, plan.pools.permission);
  const openedByBind = createOpenedByBind(context, doors);
  const lists: (readonly GrantPart[])[] = [];
  const all = doors.map((_, index) => index);
  const binds = bindIn(all, openedByBind);
  if (binds !== undefined) lists.push(binds.map((index) => bindAt(doors, index)));
  const groups = groupsToTry(context, doors);
  for (const group of groups) {
    const open = opened(group);
    const shut = all.filter((index) => !open.has(index));
    const bound = bindIn(shut, openedByBind);
    if (bound === undefined) continue;
    const byBinds = new Set(bound.flatMap((index) => [...openedByBind(index)]));
    // With bindings that open what the group opens, it is not needed.
    if ([...open].every((index) => byBinds.has(index))) continue;
    lists.push([addMember(context, group), ...bound.map((index) => bindAt(doors, index))]);
  }
  const alone = groupsAlone(groups, doors.length, opened);
  if (alone !== undefined) lists.push(alone.map((group) => addMember(context, group)));
  return lists;
}

/** The doors of the realms that say no; undefined when one of them has none, or a pool no realm. */
function closedDoors(
  context: ExplainContext,
  { pools }: Plan,
  lookUp: (permission: string, realm: string) => RealmAnswer,
): readonly RealmDoor[] | undefined {
  const doors = new Map<string, RealmDoor>();
  for (const pool of pools.names) {
    const realm = context.inspection.snapshot.fleet.realmOfPool(pool);
    if (realm === undefined) return undefined;
    if (doors.has(realm) || lookUp(pools.permission, realm).result === "permitted") continue;
    const door = findRealmDoor(context, pools.permission, realm);
    if (door === undefined) return undefined;
    doors.set(realm, door);
  }
  return [...doors.values()];
}

function bindAt(doors: readonly RealmDoor[], index: number): GrantPart {
  return (doors[index] as RealmDoor).bind;
}

/**
 * Makes the function that tells which doors a group opens: those that name it, or one that nests it; all of
 * them when it comes to the server level.
 */
function createOpenedByGroup(
  context: ExplainContext,
  doors: readonly RealmDoor[],
  permission: string,
): (group: number) => ReadonlySet<number> {
  const doorsOf = new Map<number, number[]>();
  for (const [index, door] of doors.entries()) {
    for (const group of door.groups) {
      const list = doorsOf.get(group);
      if (list === undefined) doorsOf.set(group, [index]);
      else list.push(index);
    }
  }
  const all = doors.map((_, index) => index);
  for (const name of context.inspection.snapshot.fleet.serverGroups(permission)) {
    const group = context.groups.find(name);
    if (group !== undefined) doorsOf.set(group, all);
  }
  const known = new Map<number, ReadonlySet<number>>();
  return (group) => {
    let open = known.get(group);
    if (open === undefined) {
      const found = new Set<number>();
      for (const above of groupsAbove(context, [group])) {
        for (const index of doorsOf.get(above) ?? []) found.add(index);
      }
      open = found;
      known.set(group, open);
    }
    return open;
  };
}

function groupsToTry(
  { groups: index }: ExplainContext,
  doors: readonly RealmDoor[],
): readonly number[] {
  const counts = new Map<number, number>();
  for (const { groups } of doors) {
    for (const group of groups) counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return [...counts]
    .sort(
      ([left, ofLeft], [right, ofRight]) =>
        ofRight - ofLeft || compareBytewise(index.nameOf(left), index.nameOf(right)),
    )
    .slice(0, maxGroupsTried)
    .map(([group]) => group);
}

/**
 * Makes the function that tells which doors a binding in the realm of one opens: its own, and those whose
 * answering realm inherits it.
 */
function createOpenedByBind(
  { inspection }: ExplainContext,
  doors: readonly RealmDoor[],
): (index: number) => ReadonlySet<number> {
  const answeredBy = new Map<string | undefined, number[]>();
  for (const [index, { answeringRealm }] of doors.entries()) {
    const list = answeredBy.get(answeringRealm);
    if (list === undefined) answeredBy.set(answeringRealm, [index]);
    else list.push(index);
  }
  const known = new Map<number, ReadonlySet<number>>();
  return (index) => {
    let open = known.get(index);
    if (open === undefined) {
      const heirs = inspection.provenance.heirsOf(doors[index]?.realm ?? "");
      open = new Set([index, ...heirs.flatMap((heir) => answeredBy.get(heir) ?? [])]);
      known.set(index, open);
    }
    return open;
  };
}

/**
 * The doors to bind in so that all of these open: those that get the binding from another one are left out.
 * Undefined when there are too many of them.
 */
function bindIn(
  wanted: readonly number[],
  openedByBind: (index: number) => ReadonlySet<number>,
): readonly number[] | undefined {
  if (wanted.length >= maxChangesPerGrant) return undefined;
  /** For each door, how many bindings open it. */
  const openings = new Map<number, number>();
  for (const index of wanted) {
    for (const open of openedByBind(index)) openings.set(open, (openings.get(open) ?? 0) + 1);
  }
  const kept: number[] = [];
  for (const index of wanted) {
    if (openings.get(index) === 1) {
      kept.push(index);
      continue;
    }
    for (const open of openedByBind(index)) openings.set(open, (openings.get(open) ?? 0) - 1);
  }
  return kept;
}

/** Groups that open all doors together, none of them in vain; undefined when there are none, or too many. */
function groupsAlone(
  groups: readonly number[],
  doorCount: number,
  opened: (group: number) => ReadonlySet<number>,
): readonly number[] | undefined {
  const open = new Set<number>();
  let chosen: number[] = [];
  for (const group of groups) {
    const before = open.size;
    for (const index of opened(group)) open.add(index);
    if (open.size > before) chosen.push(group);
    if (open.size === doorCount) break;
  }
  if (open.size < doorCount) return undefined;
  for (const group of chosen.toReversed()) {
    const others = chosen.filter((other) => other !== group);
    const without = new Set(others.flatMap((other) => [...opened(other)]));
    if (without.size === doorCount) chosen = others;
  }
  return chosen.length > maxChangesPerGrant ? undefined : chosen;
}
