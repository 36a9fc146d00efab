import { finish, forEachInSteps, type Steps } from "../../domain/steps.ts";
import { createCohorts } from "./cohorts.ts";
import { findGainers, type Gainers } from "./compare-shift.ts";
import { createGainerCount } from "./count-gainers.ts";
import type { Effect, Effects } from "./effects.ts";
import { createEntries } from "./entries.ts";
import { foldGroups } from "./fold.ts";
import { createGroupWalk } from "./group-walk.ts";
import { createMembers } from "./members.ts";
import { createProfiles, type FindProfile } from "./profiles.ts";
import { findShifts, type Shift } from "./shifts.ts";
import { gaining, losing, type Direction, type EffectsInput } from "./sides.ts";
import { findTouched, groupsChangedAbove } from "./touched.ts";
import { createIdentitiesMatching } from "./universe.ts";
import { createFindGainingGroups } from "./whole-groups.ts";
import { createFindWitness } from "./witnesses.ts";

export type { EffectsInput } from "./sides.ts";

/**
 * Works out what a change does to who may do what, by the engine that answers checks. The states must be of one
 * lineage, and the changes all that lie between them. Costs what the changes touch: of groups whoever is listed or nested
 * there, and of a policy the places where others are bound than before. With `summaryOnly` it only counts; else
 * it throws LIMIT_EXCEEDED (`effects`) when there are more than maxEffects entries.
 */
export function computeEffects(input: FullInput): Effects {
  return finish(computeEffectsInSteps(input));
}

type FullInput = EffectsInput & { readonly summaryOnly: boolean };

/** The same in steps. */
export function* computeEffectsInSteps(input: FullInput): Steps<Effects> {
  if (input.summaryOnly) return { ...(yield* countEffectsInSteps(input)), effects: [] };
  const graphs = [input.before.snapshot.groups, input.after.snapshot.groups] as const;
  const entries = createEntries();
  const counts = yield* compareStates(input, function* take(found) {
    const { kind, direction, shift, gainers, profile } = found;
    const groups = yield* foldGroups(gainers.groups, direction.to, profile, graphs[direction.to]);
    yield* entries.add(kind, shift, gainers, groups);
  });
  const find = { gained: createFindWitness(input.after), lost: createFindWitness(input.before) };
  const effects: Effect[] = [];
  for (const entry of yield* entries.sorted()) {
    yield;
    const { kind, principal, place, permissions } = entry;
    effects.push({ ...entry, witness: find[kind](principal, place, permissions[0] ?? "") });
  }
  return { ...counts, effects };
}

/** Counts who gains and who loses anything by a change, as computeEffects does; there is no limit. */
export function countEffects(input: EffectsInput): Counts {
  return finish(countEffectsInSteps(input));
}

/** The same in steps. */
export function countEffectsInSteps(input: EffectsInput): Steps<Counts> {
  return compareStates(input);
}

type Counts = Pick<Effects, "gained" | "lost">;

/** Who gains by a shift, or loses. */
interface Found {
  readonly kind: "gained" | "lost";
  readonly direction: Direction;
  readonly shift: Shift;
  readonly gainers: Gainers;
  readonly profile: FindProfile;
}

const directions = [
  { kind: "gained", direction: gaining },
  { kind: "lost", direction: losing },
] as const;

/** Finds everybody who gains or loses, shift by shift, and counts them. */
function* compareStates(input: EffectsInput, take?: (found: Found) => Steps<void>): Steps<Counts> {
  const { before, after } = input;
  const walks = [
    createGroupWalk(before.snapshot.groups),
    createGroupWalk(after.snapshot.groups),
  ] as const;
  const identitiesMatching = createIdentitiesMatching(input);
  const members = createMembers(walks, identitiesMatching);
  const touched = yield* findTouched(input, identitiesMatching);
  const cohorts = yield* createCohorts(input, walks, members, touched);
  const profile = createProfiles(walks, members, cohorts);
  const findGroups = yield* createFindGainingGroups(walks, cohorts, profile, touched);
  const counts = {
    gained: createGainerCount(members, gaining.to),
    lost: createGainerCount(members, losing.to),
  };

  const changedGroups = new Set(cohorts.groupsMoved);
  const above = groupsChangedAbove(touched, walks);
  yield* forEachInSteps(above, (group) => changedGroups.add(group));
  for (const shift of yield* findShifts(input, changedGroups)) {
    for (const { kind, direction } of directions) {
      yield;
      // Who only counts need not know what else somebody gains.
      const isSettled = take === undefined ? counts[kind].hasWhole : () => false;
      const gainers = yield* findGainers(cohorts, findGroups, shift, direction, isSettled);
      yield* counts[kind].add(gainers);
      if (take !== undefined) yield* take({ kind, direction, shift, gainers, profile });
    }
  }
  return { gained: yield* counts.gained.total(), lost: yield* counts.lost.total() };
}
