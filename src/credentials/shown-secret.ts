import type { Inquiry } from "./identifier.ts";
import type { Keyring } from "./keyring.ts";
import type { CachedRecord } from "./record-cache.ts";
import { expectHash, isSecret, type ExpectedHash } from "./secret.ts";
import { readShownToken, type ShownToken } from "./shown-token.ts";
import type { Verdict } from "./verdict.ts";

/** A token whose text is good, and which can be looked up. */
export type GoodToken = Extract<ShownToken, { readonly form: "ours" | "supplied" }>;

type Refused = Extract<Verdict, { readonly kind: "refused" }>;

const wrongKind: Refused = { kind: "refused", why: "wrong_kind", record: undefined };
const wrongSecret: Refused = { kind: "refused", why: "wrong_secret", record: undefined };
const keyless: Verdict = { kind: "unavailable", cause: "a lookup key is not on this server" };
const unknownToken: Refused = { kind: "refused", why: "unknown", record: undefined };

/** Compares the secret of a token with that of the record under its id (check 6); undefined: it is right. */
export function checkSecret(
  shown: GoodToken,
  { record, expected }: CachedRecord,
): Refused | undefined {
  if (shown.form === "supplied") {
    // Found by its keyed hash, a token that a forge made has shown all that there is to show: by that hash, and by nothing else.
    const { lookupHash } = record;
    if (lookupHash === undefined || !shown.hashes.includes(lookupHash)) return wrongSecret;
    return record.kind === "task" ? undefined : wrongKind;
  }
  const isRight = compare(shown.secret, expected);
  // The letters of the kind are in the token, where anybody can change them.
  if (record.kind !== shown.kind) return wrongKind;
  return isRight ? undefined : wrongSecret;
}

/**
 * The verdict on a token under whose id there is nothing (check 5): with as much work as on one whose secret is wrong. One that a forge
 * made may be known under a key that is not here; refused, its bearer would throw it away.
 */
export function judgeUnknown(shown: GoodToken): Verdict {
  if (shown.form === "supplied") return shown.isComplete ? unknownToken : keyless;
  compare(shown.secret, undefined);
  return unknownToken;
}

/** Reads a token that was shown; a verdict: it is not looked up. */
export function readGoodToken(
  { token, accepts }: Pick<Inquiry, "token" | "accepts">,
  keyring: Pick<Keyring, "lookupHashes">,
): GoodToken | Verdict {
  const shown = readShownToken(token, accepts, keyring);
  if (shown.form === "bad") return { kind: "refused", why: shown.why, record: undefined };
  return shown.form === "keyless" ? keyless : shown;
}

// No secret has this hash: comparing with it takes as long as with any other.
const nobody = expectHash("0".repeat(64));

function compare(secret: string, expected: ExpectedHash | undefined): boolean {
  const against = expected ?? nobody;
  return against !== undefined && isSecret(secret, against) && expected !== undefined;
}
