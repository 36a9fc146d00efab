import type { Inspection } from "../inspect/inspection.ts";
import type { EntityChange } from "../../domain/entity.ts";

/** Two states of one lineage, and the changes that lead from one to the other. */
export interface EffectsInput {
  readonly before: Inspection;
  readonly after: Inspection;
  /** All of them: those of groups say whose memberships are to be compared. */
  readonly changes: readonly EntityChange[];
}

/** Which of the two states: 0 is the one before, 1 the one after. */
export type Side = 0 | 1;

/** The other one. */
export function opposite(side: Side): Side {
  return side === 0 ? 1 : 0;
}

/** Something of the state before, and the same of the state after. */
export type Both<T> = readonly [before: T, after: T];

/**
 * From which state to which one looks: what is had in `to` and not in `from` is gained when one looks from
 * before to after, and lost when one looks back. So both are found by the same code.
 */
export interface Direction {
  readonly from: Side;
  readonly to: Side;
}

/** What is gained. */
export const gaining: Direction = { from: 0, to: 1 };

/** What is lost. */
export const losing: Direction = { from: 1, to: 0 };
