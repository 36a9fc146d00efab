import { bearerTokenHead, parseBearerToken } from "../domain/bearer-token.ts";
import { credentialKindOf, type CredentialKind } from "../domain/credential/kinds.ts";
import type { Keyring } from "./keyring.ts";
import type { Refusal } from "./verdict.ts";

/** What the text of a token says before anything is looked up. */
export type ShownToken =
  /** One of ours. */
  | {
      readonly form: "ours";
      readonly kind: CredentialKind;
      readonly id: string;
      readonly secret: string;
    }
  /** One that a forge made, by the hashes under which it may be stored, at least one; whether these are all. */
  | { readonly form: "supplied"; readonly hashes: readonly string[]; readonly isComplete: boolean }
  /** One that a forge may have made, and this replica has no key to find it by. */
  | { readonly form: "keyless" }
  /** It is good for nothing here. `id` is the public id in it, if it has one. */
  | { readonly form: "bad"; readonly why: Refusal; readonly id: string | undefined };

const malformed: ShownToken = { form: "bad", why: "malformed", id: undefined };

/** The length of a token that a forge made. */
export const suppliedTokenLength = { min: 32, max: 512 } as const;

const visible = /^[!-~]+$/;

/** Whether a text may be a token that a forge made: 32 to 512 visible ASCII characters, and none of ours. */
export function isSuppliedToken(text: string): boolean {
  const { min, max } = suppliedTokenLength;
  if (text.length < min || text.length > max || text.startsWith(bearerTokenHead)) return false;
  return visible.test(text);
}

/**
 * Reads a token that was shown: its form, its checksum, and whether its kind is accepted (checks 2 and 3 of the order). Garbage
 * and wrong kinds come to their end here, so that nobody can have anything looked up with them.
 */
export function readShownToken(
  text: string,
  accepts: ReadonlySet<CredentialKind>,
  keyring: Pick<Keyring, "lookupHashes">,
): ShownToken {
  const parsed = parseBearerToken(text);
  if (parsed !== undefined) {
    const kind = credentialKindOf(parsed.kind);
    const { id, secret } = parsed;
    if (kind === undefined || !accepts.has(kind)) return { form: "bad", why: "wrong_kind", id };
    return { form: "ours", kind, id, secret };
  }
  if (!isSuppliedToken(text)) return malformed;
  if (!accepts.has("task")) return { form: "bad", why: "wrong_kind", id: undefined };
  const { hashes, isComplete } = keyring.lookupHashes(text);
  if (hashes.length > 0) {
    return { form: "supplied", hashes: hashes.map(({ hash }) => hash), isComplete };
  }
  return isComplete ? { form: "bad", why: "unknown", id: undefined } : { form: "keyless" };
}
