import type { GrantUse } from "../../credentials/url-grant.ts";
import { invalidField } from "../../domain/errors.ts";

/** The longest resource, in characters. */
export const maxResourceLength = 1_024;

const purposeForm = /^[a-z0-9._-]{1,64}$/;
const methodForm = /^[A-Z]{1,16}$/;
const resourceForm = /^[!-~]{1,1024}$/;

/** What a grant is wanted for. Fails with INVALID_FIELD (`purpose`, `method`, `resource`). */
export function requestedUse(use: GrantUse): GrantUse {
  requirePurpose(use.purpose);
  if (!methodForm.test(use.method)) {
    throw invalidField("method", "must be 1 to 16 upper-case letters, such as GET");
  }
  if (!resourceForm.test(use.resource)) {
    throw invalidField(
      "resource",
      `must be 1 to ${maxResourceLength} visible ASCII characters; write others as percent escapes`,
    );
  }
  return { purpose: use.purpose, method: use.method, resource: use.resource };
}

/** Fails with INVALID_FIELD (`purpose`). */
export function requirePurpose(purpose: string): void {
  if (!purposeForm.test(purpose)) {
    throw invalidField("purpose", 'must be 1 to 64 of "a-z 0-9 . _ -"');
  }
}
