import type { EntityChange } from "../../domain/entity.ts";
import type { Inspection } from "../inspect/inspection.ts";
import type { EffectCount, Effects } from "./effects.ts";

/** Two states, and the changes that lead from one to the other. */
export interface EffectsInput {
  readonly before: Inspection;
  readonly after: Inspection;
  readonly changes: readonly EntityChange[];
}

/**
 * Works out what a change does to who may do what. With `summaryOnly` it only counts. Throws LIMIT_EXCEEDED
 * (`effects`) when there are more than maxEffects entries.
 */
export function computeEffects(_input: EffectsInput & { readonly summaryOnly: boolean }): Effects {
  return { gained: { identities: 0, globs: 0 }, lost: { identities: 0, globs: 0 }, effects: [] };
}

/** Counts who gains and who loses anything by a change: what guards need. */
export function countEffects(_input: EffectsInput): {
  readonly gained: EffectCount;
  readonly lost: EffectCount;
} {
  return { gained: { identities: 0, globs: 0 }, lost: { identities: 0, globs: 0 } };
}
