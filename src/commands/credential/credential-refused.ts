import { refusals, type Refusal } from "../../credentials/verdict.ts";
import { DomainError } from "../../domain/errors.ts";
import { withoutStack } from "../../domain/without-stack.ts";

/**
 * The peer's own credential is not accepted after all: CREDENTIAL_REQUIRED, the same bytes as when it is refused at the gate.
 * `why` is for the log only, and `refusal` for the books of whoever keeps them (refusalOf): no metadata of it goes out.
 */
export function credentialRefused(why: string, refusal?: Refusal): DomainError {
  const metadata = refusal === undefined ? {} : { refusal };
  return withoutStack(() => new DomainError("CREDENTIAL_REQUIRED", why, metadata));
}

/** What credentialRefused was told for the books; undefined: nothing, or it is another error. */
export function refusalOf({ reason, metadata }: DomainError): Refusal | undefined {
  if (reason !== "CREDENTIAL_REQUIRED") return undefined;
  return refusals.find((refusal) => refusal === metadata["refusal"]);
}
