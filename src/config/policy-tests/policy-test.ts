import type { Identity } from "../../domain/identity.ts";

/** A policy test that is well-formed, and where it stands. */
export interface PolicyTest {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Never empty. */
  readonly permissions: readonly string[];
  /** Never empty; all of one kind. */
  readonly places: readonly TestPlace[];
  readonly claim: Claim;
}

/** Where somebody has a permission. */
export type TestPlace =
  | { readonly kind: "server" }
  | { readonly kind: "pool"; readonly pool: string }
  | { readonly kind: "realm"; readonly realm: string }
  | { readonly kind: "task"; readonly task: ClaimedTask }
  | { readonly kind: "bot"; readonly botId: string };

/** What a test claims of a task; "" where it says nothing. */
export interface ClaimedTask {
  readonly taskId: string;
  readonly realm: string;
  readonly pool: string;
  readonly botId: string;
  readonly submitter: string;
}

/** What must hold. */
export type Claim =
  | {
      readonly kind: "decision";
      /** Never empty. */
      readonly identities: readonly Identity[];
      readonly expect: Expectation;
    }
  | {
      readonly kind: "count";
      readonly of: Counted;
      readonly least: number;
      /** Undefined: any number. */
      readonly most: number | undefined;
    };

/** What a check must answer. */
export type Expectation = "allowed" | "denied";

/** What is counted. */
export type Counted = "identities" | "globs" | "groups";

/** How many cases a test comes to: one for each identity, permission and place together. */
export function countCases({ permissions, places, claim }: PolicyTest): number {
  const identities = claim.kind === "decision" ? claim.identities.length : 1;
  return identities * permissions.length * places.length;
}
