import { DomainError } from "../domain/errors.ts";
import { quote } from "../domain/quote.ts";

/**
 * The error for an input of which no snapshot is made, because a guess at what it means might permit too
 * much. Validation refuses such input, so this is a fault of ours.
 */
export function unusable(kind: string, name: string, problem: string): DomainError {
  const message = `no snapshot can be made: the ${kind} ${quote(name)} ${problem}`;
  return new DomainError("INTERNAL_FAULT", message, { kind, name, problem });
}
