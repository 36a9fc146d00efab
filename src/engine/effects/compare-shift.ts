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
  /** Identities that do and are in none of these groups; folded. */
  readonly identities: ReadonlySet<string>;
  /** All globs that do. */
  readonly globs: ReadonlySet<string>;
}

/**
 * Finds who gains by a shift, or who loses. Groups are looked at as a whole; only of those in which somebody had
 * it before, and of who is touched by name, each cohort is.
 */
export function findGainers(
  cohorts: Cohorts,
  findGroups: FindGainingGroups,
  shift: Shift,
  direction: Direction,
): Gainers {
  const { from, to } = direction;
  const old = shift.bound[from];
  const now = shift.bound[to];
  const { whole, tops } = findGroups(shift, direction);
  const isHeld = ({ groups }: Cohort): boolean => intersects(old.groups, groups[from]);
  const isCovered = ({ groups }: Cohort): boolean => intersects(whole, groups[to]);
  const gains = (cohort: Cohort): boolean =>
    intersects(now.groups, cohort.groups[to]) && !isHeld(cohort);

  const met = new Set<Cohort>();
  const metGlobs = new Set<Cohort>();
  for (const group of now.groups) {
    for (const cohort of cohorts.moved(to, group)) met.add(cohort);
    for (const cohort of cohorts.globsMoved(to, group)) metGlobs.add(cohort);
  }
  for (const group of tops) {
    for (const cohort of cohorts.globsInGroup(to, group)) metGlobs.add(cohort);
    if (includesId(whole, group)) continue;
    for (const cohort of cohorts.inGroup(to, group)) met.add(cohort);
  }

  const identities = new Set<string>();
  for (const cohort of met) {
    if (!gains(cohort) || isCovered(cohort)) continue;
    // Who is bound by name had it all along, whatever the groups of the cohort say.
    for (const name of cohort.names) if (!old.identities.has(name)) identities.add(name);
  }
  for (const name of now.identities) {
    if (old.identities.has(name)) continue;
    const cohort = cohorts.ofIdentity(name as Identity);
    if (!isHeld(cohort) && !isCovered(cohort)) identities.add(name);
  }
  const globs = [...metGlobs].filter(gains).flatMap(({ names }) => [...names]);
  return { groups: whole, identities, globs: new Set(globs) };
}
