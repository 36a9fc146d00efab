import { DomainError, type Reason } from "../../src/domain/errors.ts";

/** For assert.rejects and assert.throws: a DomainError of this reason, and with these metadata. */
export function hasReason(
  reason: Reason,
  metadata: Readonly<Record<string, string>> = {},
): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof DomainError) || error.reason !== reason) return false;
    return Object.entries(metadata).every(([name, value]) => error.metadata[name] === value);
  };
}
