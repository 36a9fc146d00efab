import { isDeepStrictEqual } from "node:util";
import type { Actor } from "../../credentials/deps.ts";
import { invalidField } from "../../domain/errors.ts";
import { parseIdentity, type Identity } from "../../domain/identity.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import type { ClaimTerms } from "../../storage/credential/claims.ts";
import type { Tx } from "../../storage/storage.ts";
import { findDependencies } from "../task/dependencies.ts";
import { readTerms, type Terms, type TermsInput } from "../task/registration.ts";
import { inField } from "./claim-input.ts";

/** What a request says of the task of a claim, but for the tasks on which it depends, which are looked up. */
export interface GivenTerms extends Terms {
  readonly timeLimitMs: number;
}

/** Reads what a request says of the task; undefined: nothing. Fails with INVALID_FIELD. */
export async function readClaimTerms(input: TermsInput | undefined): Promise<GivenTerms> {
  if (input === undefined) throw invalidField("terms", "are required");
  return inField("terms", () => {
    const { timeLimitMs, ...terms } = readTerms(input);
    if (timeLimitMs === undefined) throw invalidField("time_limit", "is required");
    return { ...terms, timeLimitMs };
  });
}

/** Terms as storage has them. Fails with INVALID_FIELD for a task of which the actor may not know, or that there is not. */
export async function toStoredTerms(
  tx: Tx,
  snapshot: Snapshot,
  actor: Actor,
  taskId: string,
  terms: GivenTerms,
): Promise<ClaimTerms> {
  const { delegatedUser = null, pool = null, ...said } = terms;
  const dependencies = await inField("terms", () =>
    findDependencies(tx, snapshot, actor, { ...terms, taskId }),
  );
  return { ...said, delegatedUser, pool, dependencies };
}

/** Whether two claims are of the same terms. */
export function areSameTerms(one: ClaimTerms, other: ClaimTerms): boolean {
  return isDeepStrictEqual(one, other);
}

/** The user on whose behalf the task is; undefined: nobody's. */
export function userOf({ delegatedUser }: ClaimTerms): Identity | undefined {
  return delegatedUser === null ? undefined : parseIdentity(delegatedUser);
}
