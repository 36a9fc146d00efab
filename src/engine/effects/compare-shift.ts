import { forEachInSteps, type Steps } from "../../domain/steps.ts";
import type { Identity } from "../../domain/identity.ts";
import { includesId, intersects, type SortedIds } from "../sorted-ids.ts";
import type { Cohort, Cohorts } from "./cohorts.ts";
import type { Shift } from "./shifts.ts";
import type { Direction } from "./sides.ts";
import type { FindGainingGroups } from "./whole-groups.ts";

/** Who has something in one state and not in the other. */
export interface Gainers {
  /** The groups of which every identity does. */
  readonly groups: SortedIds;
  /** Identities that do and are in none of these groups: those of whole cohorts, of which nobody is in two, */
  readonly cohorts: ReadonlyMap<Cohort, NamesThen>;
  /** and others; folded. */
  readonly identities: ReadonlySet<string>;
  /** All globs that do. */
  readonly globs: ReadonlySet<string>;
}

/** How many names of a cohort are meant, the first ones: whoever is met later is asked about later. */
type NamesThen = number;

/** The identities of whole cohorts. */
export function* identitiesOf(cohorts: Gainers["cohorts"]): Iterable<string> {
  for (const [{ names }, count] of cohorts) {
    let left = count;
    for (const name of names) {
      if (left === 0) break;
      left -= 1;
      yield name;
    }
  }
}

/**
 * Finds who gains by a shift, or who loses. Groups are looked at as a whole; only of those in which somebody had
 * it before, and of who is touched by name, each cohort is. Those that are `settled` may be left out.
 */
export function* findGainers(
  cohorts: Cohorts,
  findGroups: FindGainingGroups,
  shift: Shift,
  direction: Direction,
  isSettled: (cohort: Cohort) => boolean,
): Steps<Gainers> {
  const { from, to } = direction;
  const old = shift.bound[from];
  const now = shift.bound[to];
  const { whole: wholeGroups, tops } = yield* findGroups(shift, direction);
  const isHeld = ({ groups }: Cohort): boolean => intersects(old.groups, groups[from]);
  const isCovered = ({ groups }: Cohort): boolean => intersects(wholeGroups, groups[to]);
  const gains = (cohort: Cohort): boolean =>
    intersects(now.groups, cohort.groups[to]) && !isHeld(cohort);

  const met = new Set<Cohort>();
  const metGlobs = new Set<Cohort>();
  const meet = (cohort: Cohort): void => {
    if (!isSettled(cohort)) met.add(cohort);
  };
  for (const group of now.groups) {
    yield* forEachInSteps(cohorts.moved(to, group), meet);
    for (const cohort of cohorts.globsMoved(to, group)) metGlobs.add(cohort);
  }
  for (const group of tops) {
    for (const cohort of cohorts.globsInGroup(to, group)) metGlobs.add(cohort);
    if (includesId(wholeGroups, group)) continue;
    yield* forEachInSteps(yield* cohorts.inGroup(to, group), meet);
  }

  const whole = new Map<Cohort, NamesThen>();
  const split: Cohort[] = [];
  yield* forEachInSteps(met, (cohort) => {
    if (!gains(cohort) || isCovered(cohort)) return;
    // Who is bound by name had it all along, whatever the groups of the cohort say.
    if (areDisjoint(cohort.names, old.identities)) whole.set(cohort, cohort.names.size);
    else split.push(cohort);
  });
  const identities = new Set<string>();
  for (const { names } of split) {
    yield* forEachInSteps(names, (name) => {
      if (!old.identities.has(name)) identities.add(name);
    });
  }
  yield* forEachInSteps(now.identities, (name) => {
    if (old.identities.has(name)) return;
    const cohort = cohorts.ofIdentity(name as Identity);
    // It may be met only now; who was met in between gains as well.
    if (whole.has(cohort)) whole.set(cohort, cohort.names.size);
    else if (!isHeld(cohort) && !isCovered(cohort)) identities.add(name);
  });
  const globs = [...metGlobs].filter(gains).flatMap(({ names }) => [...names]);
  return { groups: wholeGroups, cohorts: whole, identities, globs: new Set(globs) };
}

function areDisjoint(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  const [few, many] = left.size < right.size ? [left, right] : [right, left];
  for (const name of few) if (many.has(name)) return false;
  return true;
}
