import type { Decision } from "../decision.ts";
import type { GroupSetting } from "../server-level.ts";

/** Why a check is answered as it is. The fields are those of fleetgate.inspect.v1.Explanation. */
export interface Explanation {
  /** What the check answers; from a filter always permitted. */
  readonly decision: Decision;
  /** Of a filter: the pools that are left. */
  readonly pools: readonly string[];
  readonly revision: bigint;
  readonly steps: readonly Step[];
  /** After a denial: what would allow, the smallest first, at most maxGrants. */
  readonly grants: readonly Grant[];
}

/** The most grants that an explanation has. */
export const maxGrants = 10;

/**
 * The most memberships that the witnesses of an explanation hold together. A check of 10,000 pools repeats those
 * of a group in the step of each pool that the group has.
 */
export const maxMemberships = 100_000;

/** One thing that a check looked at. Fields that do not apply are "" or []. */
export interface Step {
  readonly kind: "submitter" | "server" | "realm" | "pool";
  readonly result: StepResult;
  readonly permission: string;
  readonly pool: string;
  readonly realm: string;
  readonly answeringRealm: string;
  readonly groups: readonly string[];
  /** Present exactly when the result is "permitted". */
  readonly witness: Witness | undefined;
}

/** What a step came to. */
export type StepResult =
  | "permitted"
  | "not_submitter"
  | "no_server_level"
  | "not_in_groups"
  | "undeclared_permission"
  | "unknown_pool"
  | "undefined_realm"
  | "not_bound"
  | "not_a_principal"
  | "conditional";

/** Proof that a step says yes, by as few memberships as there can be. */
export interface Witness {
  /** From the caller up; empty when the caller itself is named. */
  readonly memberships: readonly Membership[];
  /** The settings that give the last group the permission at the server level. */
  readonly settings: readonly GroupSetting[];
  readonly binding: BindingSource | undefined;
}

/** One step of membership: the group, and why it holds what came before. */
export interface Membership {
  readonly group: string;
  readonly reason:
    | { readonly kind: "member"; readonly member: string }
    | { readonly kind: "glob"; readonly glob: string }
    | { readonly kind: "nested"; readonly nested: string };
  readonly source: string;
}

/** Where the binding of a witness stands. */
export interface BindingSource {
  readonly realm: string;
  readonly inheritance: readonly string[];
  readonly role: string;
  readonly rolePath: readonly string[];
  readonly principal: string;
  readonly source: string;
}

/** Changes that together turn a denial into an allow, and how many (permission, place) pairs they give at most. */
export interface Grant {
  readonly changes: readonly GrantChange[];
  readonly size: number;
}

/** One change of a grant. */
export type GrantChange =
  | { readonly kind: "add_member"; readonly group: string; readonly member: string }
  | {
      readonly kind: "bind";
      readonly realm: string;
      readonly role: string;
      readonly principal: string;
      readonly createRealm: boolean;
      /** Not empty: no role holds the permission, and this one is to be created with these. */
      readonly createRoleWith: readonly string[];
    };
