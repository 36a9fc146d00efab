import { createHash, timingSafeEqual } from "node:crypto";
import type { CredentialDeps } from "../../credentials/deps.ts";
import { lostAnswerMs } from "../../domain/credential/lost-answer.ts";
import { invalidField } from "../../domain/errors.ts";

const goodNonce = /^[0-9A-Za-z_-]{16,64}$/;

/** Whether a text may be a nonce. */
export function isNonce(text: string): boolean {
  return goodNonce.test(text);
}

/** What is kept of the nonce of a request. Fails with INVALID_FIELD (`nonce`). */
export function requestedNonce(nonce: string): Uint8Array {
  if (!isNonce(nonce)) throw invalidField("nonce", 'must be 16 to 64 of "0-9 A-Z a-z _ -"');
  return createHash("sha256").update(nonce).digest();
}

/** For how many milliseconds a call may be repeated, now. */
export function lostAnswerOf(deps: Pick<CredentialDeps, "lostAnswerMs">): number {
  return deps.lostAnswerMs?.() ?? lostAnswerMs;
}

/** Whether a call that is made at `now` repeats one of `at`: by its nonce, soon enough for a lost answer. */
export function isRepeat(
  deps: Pick<CredentialDeps, "lostAnswerMs">,
  first: { readonly at: Date; readonly nonceHash: Uint8Array | null },
  nonceHash: Uint8Array,
  now: number,
): boolean {
  if (now - first.at.getTime() >= lostAnswerOf(deps)) return false;
  return first.nonceHash !== null && timingSafeEqual(first.nonceHash, nonceHash);
}
