import { createCohorts } from "./cohorts.ts";
import { findGainers, type Gainers } from "./compare-shift.ts";
import { createGainerCount } from "./count-gainers.ts";
import type { EffectCount, Effects } from "./effects.ts";
import { createEntries } from "./entries.ts";
import { createFold } from "./fold.ts";
import { createGroupWalk } from "./group-walk.ts";
import { findShifts, type Shift } from "./shifts.ts";
import { gaining, losing, type Direction, type EffectsInput } from "./sides.ts";
import { findTouched } from "./touched.ts";
import { createIdentitiesMatching } from "./universe.ts";
import { createFindWitness } from "./witnesses.ts";

export type { EffectsInput } from "./sides.ts";

const directions = [
  { kind: "gained", direction: gaining },
  { kind: "lost", direction: losing },
] as const;

/**
 * Works out what a change does to who may do what, by the engine that answers checks. The states must be of one
 * lineage, and the changes all that lie between them. Costs what the changes touch: of groups whoever is listed or nested
 * there, and of a policy the places where others are bound than before. With `summaryOnly` it only counts; else
 * it throws LIMIT_EXCEEDED (`effects`) when there are more than maxEffects entries.
 */
export function computeEffects(input: EffectsInput & { readonly summaryOnly: boolean }): Effects {
  if (input.summaryOnly) return { ...countEffects(input), effects: [] };
  const { parts, compare, totals } = begin(input);
  const fold = createFold(parts.cohorts, parts.walks, parts.touched);
  const entries = createEntries();
  compare((kind, direction, shift, gainers) => {
    entries.add(kind, shift, gainers, fold(shift, gainers, direction));
  });
  const find = { gained: createFindWitness(input.after), lost: createFindWitness(input.before) };
  const effects = entries.sorted().map((entry) => {
    const { kind, principal, place, permissions } = entry;
    return { ...entry, witness: find[kind](principal, place, permissions[0] ?? "") };
  });
  return { ...totals(), effects };
}

/** Counts who gains and who loses anything by a change, as computeEffects does; there is no limit. */
export function countEffects(input: EffectsInput): Pick<Effects, "gained" | "lost"> {
  const { compare, totals } = begin(input);
  compare(() => {});
  return totals();
}

/** What is done with those who gain by a shift, or lose. */
type Take = (kind: "gained" | "lost", direction: Direction, shift: Shift, gainers: Gainers) => void;

function begin(input: EffectsInput) {
  const { before, after } = input;
  const walks = [
    createGroupWalk(before.snapshot.groups),
    createGroupWalk(after.snapshot.groups),
  ] as const;
  const identitiesMatching = createIdentitiesMatching(input);
  const touched = findTouched(input, walks, identitiesMatching);
  const cohorts = createCohorts(input, walks, touched, identitiesMatching);
  const counts = { gained: createGainerCount(cohorts), lost: createGainerCount(cohorts) };

  function compare(take: Take): void {
    for (const shift of findShifts(input, cohorts.changedGroups)) {
      for (const { kind, direction } of directions) {
        const gainers = findGainers(cohorts, shift, direction);
        if (gainers.cohorts.size === 0 && gainers.identities.size === 0) continue;
        counts[kind].add(gainers);
        take(kind, direction, shift, gainers);
      }
    }
  }

  const totals = (): { readonly gained: EffectCount; readonly lost: EffectCount } => ({
    gained: counts.gained.total(),
    lost: counts.lost.total(),
  });
  return { parts: { walks, touched, cohorts }, compare, totals };
}
