import { invalidField } from "../../domain/errors.ts";
import { parseIdentity } from "../../domain/identity.ts";
import { requestedLifetime, type Lifetimes } from "../credential/fields.ts";

/** How long the lease of a hold may be. */
export const leaseLimits: Lifetimes = {
  ...{ min: 10_000, max: 3_600_000, usual: 90_000 },
  words: "10 seconds to 1 hour",
};

/** Checks the id of a task, the value of a `task:` identity. Fails with INVALID_FIELD. */
export function checkTaskId(text: string, field = "task_id"): void {
  if (parseIdentity(`task:${text}`) === undefined) {
    throw invalidField(field, 'must be 1 to 64 of "0-9 A-Z a-z _ -"');
  }
}

/** The length of a lease in milliseconds, from what a request says; undefined: nothing. Fails with INVALID_FIELD. */
export function readLease(wantedMs: number | undefined): number {
  return requestedLifetime("lease", wantedMs, leaseLimits);
}
