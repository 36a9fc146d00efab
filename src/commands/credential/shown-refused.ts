import { DomainError } from "../../domain/errors.ts";
import { withoutStack } from "../../domain/without-stack.ts";

/** SHOWN_CREDENTIAL_REFUSED: what the request shows is not accepted. The same bytes for every cause; `why` is for the log only. */
export function shownRefused(why: string): DomainError {
  return withoutStack(() => new DomainError("SHOWN_CREDENTIAL_REFUSED", why));
}
