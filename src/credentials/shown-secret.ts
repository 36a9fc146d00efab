import type { CachedRecord } from "./record-cache.ts";
import { expectHash, isSecret, type ExpectedHash } from "./secret.ts";
import type { ShownToken } from "./shown-token.ts";
import type { Verdict } from "./verdict.ts";

/** A token whose text is good. */
export type GoodToken = Exclude<ShownToken, { readonly form: "bad" }>;

type Refused = Extract<Verdict, { readonly kind: "refused" }>;

const wrongKind: Refused = { kind: "refused", why: "wrong_kind", record: undefined };
const wrongSecret: Refused = { kind: "refused", why: "wrong_secret", record: undefined };
const unknownToken: Refused = { kind: "refused", why: "unknown", record: undefined };

/** Compares the secret of a token with that of the record under its id (check 6); undefined: it is right. */
export function checkSecret(
  shown: GoodToken,
  { record, expected }: CachedRecord,
): Refused | undefined {
  // Found by its keyed hash, a token that a forge made has shown all that there is to show.
  if (shown.form === "supplied") return record.kind === "task" ? undefined : wrongKind;
  const isRight = compare(shown.secret, expected);
  // The letters of the kind are in the token, where anybody can change them.
  if (record.kind !== shown.kind) return wrongKind;
  return isRight ? undefined : wrongSecret;
}

/** Refuses a token under whose id there is nothing (check 5): with as much work as one whose secret is wrong. */
export function refuseUnknown(shown: GoodToken): Refused {
  if (shown.form === "ours") compare(shown.secret, undefined);
  return unknownToken;
}

// No secret has this hash: comparing with it takes as long as with any other.
const nobody = expectHash("0".repeat(64));

function compare(secret: string, expected: ExpectedHash | undefined): boolean {
  const against = expected ?? nobody;
  return against !== undefined && isSecret(secret, against) && expected !== undefined;
}
