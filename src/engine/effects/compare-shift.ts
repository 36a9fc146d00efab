import type { Identity } from "../../domain/identity.ts";
import { intersects } from "../sorted-ids.ts";
import type { Cohort, Cohorts } from "./cohorts.ts";
import type { Shift } from "./shifts.ts";
import type { Direction } from "./sides.ts";

/** Who has something in one state and not in the other; nobody stands in both parts. */
export interface Gainers {
  /** Cohorts all of which do. */
  readonly cohorts: ReadonlySet<Cohort>;
  /** Identities that do otherwise than the rest of their cohort. */
  readonly identities: ReadonlySet<string>;
}

/** Finds who gains by a shift, or who loses. */
export function findGainers(cohorts: Cohorts, shift: Shift, { from, to }: Direction): Gainers {
  const old = shift.bound[from];
  const now = shift.bound[to];
  const isHeld = (cohort: Cohort): boolean => intersects(old.groups, cohort.groups[from]);

  const candidates = new Set<Cohort>();
  const oldGroups = new Set(old.groups);
  for (const group of now.groups) {
    for (const cohort of cohorts.moved(to, group)) candidates.add(cohort);
    if (oldGroups.has(group)) continue;
    for (const cohort of cohorts.inGroup(to, group)) candidates.add(cohort);
  }
  // Who is bound by name had it all along, whatever the groups of the cohort say.
  const split = new Set<Cohort | undefined>();
  for (const identity of old.identities) split.add(cohorts.find(identity));

  const whole = new Set<Cohort>();
  const single = new Set<string>();
  for (const cohort of candidates) {
    if (isHeld(cohort) || !intersects(now.groups, cohort.groups[to])) continue;
    if (!split.has(cohort)) {
      whole.add(cohort);
      continue;
    }
    for (const name of cohort.names) if (!old.identities.has(name)) single.add(name);
  }
  for (const identity of now.identities) {
    if (old.identities.has(identity)) continue;
    const cohort = cohorts.ofIdentity(identity as Identity);
    if (!whole.has(cohort) && !isHeld(cohort)) single.add(identity);
  }
  return { cohorts: whole, identities: single };
}
