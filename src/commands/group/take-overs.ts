import type { EntityChange, TakeOverBody } from "../../domain/entity.ts";
import type { ReplicaState } from "../../replica/state.ts";

/** The most take-overs that there may be at once, expired ones that were not cleared away among them. */
export const maxTakeOvers = 1000;

/** The take-over of a group, if it is in force: it ends at the very instant of its expiry. */
export function takeOverInForce(
  { takeOvers }: Pick<ReplicaState, "takeOvers">,
  group: string,
  now: Date,
): TakeOverBody | undefined {
  const takeOver = takeOvers.get(group);
  return takeOver !== undefined && isInForce(takeOver, now) ? takeOver : undefined;
}

/** Whether a take-over has not ended yet. */
export function isInForce({ expiresAt }: TakeOverBody, now: Date): boolean {
  return now.getTime() < Date.parse(expiresAt);
}

/** The change of a take-over; undefined: there was none, or is to be none. */
export function takeOverChange(
  group: string,
  before: TakeOverBody | undefined,
  after: TakeOverBody | undefined,
): EntityChange {
  return { kind: "group_take_over", key: group, before, after };
}

/**
 * Changes with the end of the take-overs of the groups that they delete, and of those that `alsoEnds` says. They
 * stay in the order of kinds and keys.
 */
export function withEndedTakeOvers(
  { takeOvers }: Pick<ReplicaState, "takeOvers">,
  changes: readonly EntityChange[],
  alsoEnds: (takeOver: TakeOverBody) => boolean = () => false,
): readonly EntityChange[] {
  if (takeOvers.size === 0) return changes;
  const named = new Set<string>();
  const gone = new Set<string>();
  for (const { kind, key, after } of changes) {
    if (kind === "group_take_over") named.add(key);
    if (kind === "group" && after === undefined) gone.add(key);
  }
  const ends = [...takeOvers.values()]
    .filter((takeOver) => !named.has(takeOver.group))
    .filter((takeOver) => gone.has(takeOver.group) || alsoEnds(takeOver))
    .map((takeOver) => takeOverChange(takeOver.group, takeOver, undefined));
  if (ends.length === 0) return changes;
  return [...changes, ...ends].sort(
    (left, right) => compare(left.kind, right.kind) || compare(left.key, right.key),
  );
}

/** Kinds are ASCII, and of keys only those of globs may be otherwise, whose order does not matter to anybody. */
function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
