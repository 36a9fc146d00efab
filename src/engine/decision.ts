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

/**
 * The answer no, about a caller: `Permission "p" denied for "c"` and then what it was about. The words are made when somebody
 * asks for them: they cost as much as the decision.
 */
export function deny(
  caller: Identity,
  permission: string,
  about: () => string,
  names: Readonly<Record<string, string>> = noNames,
): Denied {
  return new Refusal(caller, permission, about, names);
}

const noNames: Readonly<Record<string, string>> = Object.freeze({});

// Whoever copies one, or compares two, must read the words: they are no field of it.
class Refusal implements Denied {
  readonly permitted = false;
  readonly #caller: Identity;
  readonly #permission: string;
  readonly #about: () => string;
  readonly #names: Readonly<Record<string, string>>;

  constructor(
    caller: Identity,
    permission: string,
    about: () => string,
    names: Readonly<Record<string, string>>,
  ) {
    this.#caller = caller;
    this.#permission = permission;
    this.#about = about;
    this.#names = names;
  }

  get denial(): Denial {
    const [caller, permission] = [this.#caller, this.#permission];
    return {
      message: `Permission ${quote(permission)} denied for ${quote(caller)} ${this.#about()}`,
      metadata: { caller, permission, ...this.#names },
    };
  }
}
