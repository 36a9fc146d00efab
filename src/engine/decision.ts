import type { Identity } from "../domain/identity.ts";
import { quote } from "../domain/quote.ts";

/** The answer to a check. */
export type Decision = { readonly permitted: true } | Denied;

/** A denial as an answer. */
export interface Denied {
  readonly permitted: false;
  readonly denial: Denial;
}

/** What the caller may learn of a denial; handed on as it is. */
export interface Denial {
  readonly message: string;
  /** Every dynamic part of the message, unquoted. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The answer yes. */
export const permitted: Decision = Object.freeze({ permitted: true });

/** The test that everything passes. */
export const permitAll = (): boolean => true;

/** The answer no, about a caller: `Permission "p" denied for "c"` and then what it was about. */
export function deny(
  caller: Identity,
  permission: string,
  about: string,
  names: Readonly<Record<string, string>> = {},
): Denied {
  return {
    permitted: false,
    denial: {
      message: `Permission ${quote(permission)} denied for ${quote(caller)} ${about}`,
      metadata: { caller, permission, ...names },
    },
  };
}
