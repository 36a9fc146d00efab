import { DomainError } from "../../domain/errors.ts";
import { withoutStack } from "../../domain/without-stack.ts";

/** SHOWN_CREDENTIAL_REFUSED: what the request shows is not accepted, the same for every cause. */
export function shownRefused(): DomainError {
  return withoutStack(() => new DomainError("SHOWN_CREDENTIAL_REFUSED", "it is not accepted"));
}
