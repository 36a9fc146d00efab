import { DomainError } from "../../domain/errors.ts";
import { withoutStack } from "../../domain/without-stack.ts";

/**
 * The peer's own credential is not accepted after all: CREDENTIAL_REQUIRED, the same bytes as when it is refused at the gate.
 * `why` is for the log only.
 */
export function credentialRefused(why: string): DomainError {
  return withoutStack(() => new DomainError("CREDENTIAL_REQUIRED", why));
}
