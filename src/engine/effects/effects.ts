import type { Witness } from "../inspect/explanation.ts";

/** How many gain or lose something, each counted once. */
export interface EffectCount {
  /** Identities that a group lists or a binding names, before or after; compared folded. */
  readonly identities: number;
  readonly globs: number;
}

/** What one principal gains or loses in one place; see fleetgate.admin.v1.Effect. */
export interface Effect {
  readonly kind: "gained" | "lost";
  /** A group stands for every member that it lists, through nesting too; identities are folded. */
  readonly principal: {
    readonly kind: "identity" | "group" | "glob";
    readonly name: string;
  };
  /** How many identities a group stands for; 0 for the other principals. */
  readonly groupIdentities: number;
  readonly place: EffectPlace;
  /** Sorted, never empty. */
  readonly permissions: readonly string[];
  /** How the principal has the first of the permissions: after the change when gained, before when lost. */
  readonly witness: Witness;
}

/** Where something is gained or lost; realms are full names. */
export type EffectPlace =
  | { readonly kind: "server" }
  | { readonly kind: "realm"; readonly realm: string }
  | { readonly kind: "pool"; readonly pool: string };

/** What a change does to who may do what. */
export interface Effects {
  /** Who gains anything at all. */
  readonly gained: EffectCount;
  /** Who loses anything at all. */
  readonly lost: EffectCount;
  /** In the order that fleetgate.admin.v1.Effects says; empty when only a summary was asked for. */
  readonly effects: readonly Effect[];
}

/** The most entries that effects have. */
export const maxEffects = 100_000;
