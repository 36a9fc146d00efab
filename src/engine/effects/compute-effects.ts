import { createCohorts } from "./cohorts.ts";
import { findGainers, type Gainers } from "./compare-shift.ts";
import { createGainerCount } from "./count-gainers.ts";
import type { Effects } from "./effects.ts";
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
export function computeEffects(input: EffectsInput & { readonly summaryOnly: boolean }): Effects {
  if (input.summaryOnly) return { ...countEffects(input), effects: [] };
  const graphs = [input.before.snapshot.groups, input.after.snapshot.groups] as const;
  const entries = createEntries();
  const counts = compareStates(input, (found) => {
    const { kind, direction, shift, gainers, profile } = found;
    const groups = foldGroups(gainers.groups, direction.to, profile, graphs[direction.to]);
    entries.add(kind, shift, gainers, groups);
  });
  const find = { gained: createFindWitness(input.after), lost: createFindWitness(input.before) };
  const effects = entries.sorted().map((entry) => {
    const { kind, principal, place, permissions } = entry;
    return { ...entry, witness: find[kind](principal, place, permissions[0] ?? "") };
  });
  return { ...counts, effects };
}

/** Counts who gains and who loses anything by a change, as computeEffects does; there is no limit. */
export function countEffects(input: EffectsInput): Pick<Effects, "gained" | "lost"> {
  return compareStates(input, () => {});
}

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
function compareStates(
  input: EffectsInput,
  take: (found: Found) => void,
): Pick<Effects, "gained" | "lost"> {
  const { before, after } = input;
  const walks = [
    createGroupWalk(before.snapshot.groups),
    createGroupWalk(after.snapshot.groups),
  ] as const;
  const identitiesMatching = createIdentitiesMatching(input);
  const members = createMembers(walks, identitiesMatching);
  const touched = findTouched(input, identitiesMatching);
  const cohorts = createCohorts(input, walks, members, touched);
  const profile = createProfiles(walks, members, cohorts);
  const findGroups = createFindGainingGroups(walks, cohorts, profile, touched);
  const counts = {
    gained: createGainerCount(members, gaining.to),
    lost: createGainerCount(members, losing.to),
  };

  const changedGroups = new Set([...cohorts.groupsMoved, ...groupsChangedAbove(touched, walks)]);
  for (const shift of findShifts(input, changedGroups)) {
    for (const { kind, direction } of directions) {
      const gainers = findGainers(cohorts, findGroups, shift, direction);
      counts[kind].add(gainers);
      take({ kind, direction, shift, gainers, profile });
    }
  }
  return { gained: counts.gained.total(), lost: counts.lost.total() };
}
