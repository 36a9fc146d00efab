import { DomainError } from "../domain/errors.ts";
import type { EntityChange } from "../domain/entity.ts";
import type { Identity } from "../domain/identity.ts";
import { rootGroup } from "../domain/names.ts";
import { computeEffectsInSteps, countEffectsInSteps } from "../engine/effects/compute-effects.ts";
import type { EffectCount, Effects } from "../engine/effects/effects.ts";
import { hasListedMember } from "../engine/listed-member.ts";
import { isReader } from "../engine/reader.ts";
import { runInTurns, type TurnOptions } from "../replica/in-turns.ts";
import { inspectionOf } from "../replica/inspection.ts";
import type { ReplicaState } from "../replica/state.ts";

/** What a change must not do. */
export interface Guards {
  /** How many identities may gain anything; undefined: any number. A glob is more than any number. */
  readonly maxGained: number | undefined;
  /** How many identities may lose anything; undefined: any number. A glob is more than any number. */
  readonly maxLost: number | undefined;
  /** Whether it may leave no administrator, or take from its author the right to administer. */
  readonly allowLockOut: boolean;
}

/** Guards against nothing but lock-outs. */
export const lockOutGuards: Guards = {
  maxGained: undefined,
  maxLost: undefined,
  allowLockOut: false,
};

/** A change to be judged: the states before and after it, and what leads from one to the other. */
export interface Transition {
  readonly before: ReplicaState;
  readonly after: ReplicaState;
  readonly changes: readonly EntityChange[];
}

/**
 * Throws LOCK_OUT or EFFECT_TOO_LARGE when a change does what its guards forbid, and GROUP_REQUIRED when the author
 * guards its effects without being a reader: whether the guard holds would tell what a group may do.
 */
export async function checkGuards(
  transition: Transition,
  author: Identity,
  guards: Guards,
  options: TurnOptions = {},
): Promise<void> {
  const { before } = transition;
  const { maxGained, maxLost } = guards;
  const guarded = maxGained !== undefined || maxLost !== undefined;
  if (guarded && !isReader(before.snapshot, author)) throw effectsForReaders();
  if (!guards.allowLockOut && locksOut(transition, author)) throw lockedOut();
  if (guarded) await checkCounts(transition, guards, options);
}

/** What a change does to who may do what; undefined for an author who is no reader. */
export async function effectsOf(
  { before, after, changes }: Transition,
  author: Identity,
  summaryOnly: boolean,
  options: TurnOptions = {},
): Promise<Effects | undefined> {
  if (!isReader(before.snapshot, author)) return undefined;
  const input = { before: inspectionOf(before), after: inspectionOf(after), changes, summaryOnly };
  return runInTurns(computeEffectsInSteps(input), options);
}

/** Whether the last administrator goes, or the author ceases to be one. */
export function locksOut({ before, after }: Transition, author: Identity): boolean {
  if (before.snapshot.groups === after.snapshot.groups) return false;
  const anybody = hasListedMember(before.snapshot.groups, rootGroup);
  if (anybody && !hasListedMember(after.snapshot.groups, rootGroup)) return true;
  return (
    before.snapshot.authDb.isMember(author, rootGroup) &&
    !after.snapshot.authDb.isMember(author, rootGroup)
  );
}

/** What a lock-out is and how to avoid it. */
export const lockOutMessage =
  `the change would leave no member in the group "${rootGroup}", or take its author out of it; ` +
  "keep them in it, or allow the lock-out";

function lockedOut(): DomainError {
  return new DomainError("LOCK_OUT", lockOutMessage, { group: rootGroup });
}

async function checkCounts(
  { before, after, changes }: Transition,
  guards: Guards,
  options: TurnOptions,
): Promise<void> {
  const input = { before: inspectionOf(before), after: inspectionOf(after), changes };
  const { gained, lost } = await runInTurns(countEffectsInSteps(input), options);
  const { maxGained, maxLost } = guards;
  const breaches = [
    ...breachOf("max_gained", "gain", gained, maxGained),
    ...breachOf("max_lost", "lose", lost, maxLost),
  ];
  if (breaches.length === 0) return;
  throw new DomainError("EFFECT_TOO_LARGE", breaches.join("; "), {
    gained: describe(gained),
    lost: describe(lost),
    max_gained: maxGained?.toString() ?? "",
    max_lost: maxLost?.toString() ?? "",
  });
}

/** How a change goes beyond a guard, as a list of one or none. */
function breachOf(
  guard: string,
  verb: "gain" | "lose",
  count: EffectCount,
  max: number | undefined,
): readonly string[] {
  if (max === undefined || isWithin(count, max)) return [];
  const who = count.globs > 0 ? "whoever a glob matches" : describe(count);
  return [`guards.${guard}: ${who} would ${verb} something, which is more than ${max}`];
}

function isWithin({ identities, globs }: EffectCount, max: number): boolean {
  return globs === 0 && identities <= max;
}

function describe({ identities, globs }: EffectCount): string {
  return globs > 0 ? "unbounded" : identities.toString();
}

function effectsForReaders(): DomainError {
  return new DomainError(
    "GROUP_REQUIRED",
    `guards of effects are for readers: members of group "${rootGroup}" and of the readers group of the settings`,
    { method: "max_gained and max_lost", group: rootGroup },
  );
}
