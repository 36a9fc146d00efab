import { DomainError } from "../../domain/errors.ts";
import { swarmingPermissions } from "../../domain/permissions.ts";
import type { Steps } from "../../domain/steps.ts";
import { giftsIn } from "../binding-gifts.ts";
import { bindingsOf, namesSomeOf } from "../compiled-binding.ts";
import type { GroupGraph } from "../group-graph.ts";
import type { Inspection } from "../inspect/inspection.ts";
import type { Snapshot } from "../snapshot.ts";
import { createBounds, type Bound, type Bounds } from "./bound.ts";
import type { EffectPlace } from "./effects.ts";
import { namedPlacesOf, type NamedPlace } from "./named-places.ts";
import { comparePlaces } from "./places.ts";
import type { Both, EffectsInput } from "./sides.ts";

/** Who is bound before and after, with all places and permissions where just they are. */
export interface Shift {
  readonly bound: Both<Bound>;
  readonly places: ReadonlyMap<EffectPlace, readonly string[]>;
}

interface GrowingShift extends Shift {
  readonly places: Map<EffectPlace, string[]>;
}

/** The places and permissions where somebody may gain or lose something, put together by who is bound there. */
interface Collector {
  add(bound: Both<Bound>, place: EffectPlace, permission: string): void;
  all(): Iterable<Shift>;
}

/**
 * Finds the places and permissions where others are bound after than before, or where a group is bound that holds
 * somebody in one of both states only. When the policy stayed, only bindings that name such a group are looked at.
 */
export function* findShifts(
  { before, after }: Pick<EffectsInput, "before" | "after">,
  changedGroups: ReadonlySet<number>,
): Steps<Iterable<Shift>> {
  const bounds = createBounds();
  const shifts = createCollector(before.snapshot, after.snapshot, changedGroups);
  addServerLevel(before, after, bounds, shifts);
  if (before.snapshot.realms === after.snapshot.realms) {
    yield* addNamedPlaces(after, changedGroups, bounds, shifts);
  } else {
    yield* addAllPlaces(before, after, changedGroups, bounds, shifts);
  }
  return shifts.all();
}

function createCollector(
  before: Snapshot,
  after: Snapshot,
  changedGroups: ReadonlySet<number>,
): Collector {
  const shifts: GrowingShift[] = [];
  const byBound = new Map<Bound, Map<Bound, GrowingShift>>();
  const isQuiet = new Map<Bound, boolean>();

  /** Whether nobody comes to be in the groups that are bound, and nobody ceases to be. */
  function quiet(bound: Bound): boolean {
    let known = isQuiet.get(bound);
    if (known === undefined) {
      known = !bound.groups.some((group) => changedGroups.has(group));
      isQuiet.set(bound, known);
    }
    return known;
  }

  return {
    add(bound, place, permission) {
      const [old, now] = bound;
      if (old === now && quiet(now)) return;
      let sameOld = byBound.get(old);
      if (sameOld === undefined) {
        sameOld = new Map();
        byBound.set(old, sameOld);
      }
      let shift = sameOld.get(now);
      if (shift === undefined) {
        assertOneLineage(before.groups, after.groups, old);
        assertOneLineage(before.groups, after.groups, now);
        shift = { bound, places: new Map() };
        sameOld.set(now, shift);
        shifts.push(shift);
      }
      const permissions = shift.places.get(place);
      if (permissions === undefined) shift.places.set(place, [permission]);
      else permissions.push(permission);
    },
    all: () => shifts,
  };
}

function addServerLevel(
  before: Inspection,
  after: Inspection,
  bounds: Bounds,
  shifts: Collector,
): void {
  const place: EffectPlace = { kind: "server" };
  const idOf = (name: string): number | undefined =>
    before.snapshot.groups.findGroup(name) ?? after.snapshot.groups.findGroup(name);
  const boundIn = ({ snapshot }: Inspection, permission: string): Bound =>
    bounds.ofGroups(
      snapshot.fleet
        .serverGroups(permission)
        .map(idOf)
        .filter((id) => id !== undefined),
    );
  for (const permission of swarmingPermissions) {
    shifts.add([boundIn(before, permission), boundIn(after, permission)], place, permission);
  }
}

function* addNamedPlaces(
  inspection: Inspection,
  changedGroups: ReadonlySet<number>,
  bounds: Bounds,
  shifts: Collector,
): Steps<void> {
  if (changedGroups.size === 0) return;
  const declared = inspection.snapshot.permissions;
  const seen = new Set<NamedPlace>();
  const byGroup = yield* namedPlacesOf(inspection);
  for (const group of changedGroups) {
    for (const named of byGroup.get(group) ?? []) {
      yield;
      if (seen.has(named)) continue;
      seen.add(named);
      const bound = bounds.ofBindings([named.binding]);
      for (const permission of named.permissions) {
        if (declared.has(permission)) shifts.add([bound, bound], named.place, permission);
      }
    }
  }
}

function* addAllPlaces(
  before: Inspection,
  after: Inspection,
  changedGroups: ReadonlySet<number>,
  bounds: Bounds,
  shifts: Collector,
): Steps<void> {
  const declared = [before.snapshot.permissions, after.snapshot.permissions] as const;
  const isDeclaredAlike = isSameSet(...declared);
  for (const { place, realms } of comparePlaces(before, after)) {
    yield;
    const [old, now] = realms;
    if (old === now && isDeclaredAlike) {
      // Nobody changed the realm: only who is in its groups may have changed.
      if (old === undefined || !namesSomeOf(old, changedGroups)) continue;
      for (const { binding, permissions } of giftsIn(old)) {
        if (!binding.groups.some((group) => changedGroups.has(group))) continue;
        const bound = bounds.ofBindings([binding]);
        for (const permission of permissions) {
          if (declared[1].has(permission)) shifts.add([bound, bound], place, permission);
        }
      }
      continue;
    }
    const from = old && bindingsOf(old);
    const to = now && bindingsOf(now);
    for (const permission of new Set([...(from?.keys() ?? []), ...(to?.keys() ?? [])])) {
      const bound = [
        declared[0].has(permission) ? bounds.ofBindings(from?.get(permission)) : bounds.nobody,
        declared[1].has(permission) ? bounds.ofBindings(to?.get(permission)) : bounds.nobody,
      ] as const;
      shifts.add(bound, place, permission);
    }
  }
}

function isSameSet<T>(left: ReadonlySet<T>, right: ReadonlySet<T>): boolean {
  return left === right || (left.size === right.size && [...left].every((it) => right.has(it)));
}

// Ids of two lineages would be compared as if they were of one, and all effects be wrong.
function assertOneLineage(before: GroupGraph, after: GroupGraph, { groups }: Bound): void {
  // A branch may have names that the state before has not.
  const isSame = (group: number): boolean =>
    ["", after.nameOf(group)].includes(before.nameOf(group));
  if (groups.every(isSame)) return;
  throw new DomainError("INTERNAL_FAULT", "effects were asked for of states of two lineages");
}
