import { DomainError, invalidField } from "../../domain/errors.ts";
import { hasForbiddenCharacter } from "../../domain/text.ts";
import { requestedLifetime, type Lifetimes } from "../credential/fields.ts";

/** How long a claim may wait for its worker from now on. */
export const claimLifetimes: Lifetimes = {
  ...{ min: 1_000, max: 86_400_000, usual: 600_000 },
  words: "1 second to 1 day",
};

/** For how many milliseconds from its opening on a claim may be extended. */
export const maxClaimMs = 7 * 86_400_000;

/** How long what is said of an executor, and for the worker, may be. */
export const claimTexts = { executor: 256, payload: 1_024 } as const;

/** The milliseconds to the deadline that a request wants. Fails with INVALID_FIELD. */
export function requestedClaimTtl(wantedMs: number | undefined): number {
  return requestedLifetime("ttl", wantedMs, claimLifetimes);
}

/** Checks what is said with a claim. Fails with INVALID_FIELD. */
export function checkClaimText(field: keyof typeof claimTexts, text: string): void {
  const max = claimTexts[field];
  if (text.length > max || hasForbiddenCharacter(text)) {
    throw invalidField(field, `must be at most ${max} characters without control characters`);
  }
}

/** What `read` makes of the field of a request whose parts it names by themselves: an INVALID_FIELD names the field, too. */
export async function inField<T>(field: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DomainError) || error.reason !== "INVALID_FIELD") throw error;
    const { field: part = "", rule = "" } = error.metadata;
    throw invalidField(`${field}.${part}`, rule);
  }
}
