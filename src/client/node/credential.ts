import { Code, ConnectError } from "@connectrpc/connect";
import { isUsableToken } from "./parse-key-file.ts";

/** Where the bearer token of the calls comes from. */
export interface Credential {
  /** The token to send now; undefined: none. A promise only when it must be waited for. */
  readonly current: () => string | undefined | Promise<string | undefined>;
  /** Looks for another token after the server has refused one; the same one when there is no other. */
  readonly renew: (refused: string) => Promise<string | undefined>;
}

/** Sends no token: the client certificate speaks, or nobody. */
export const noCredential: Credential = {
  current: () => undefined,
  renew: () => Promise.resolve(undefined),
};

/**
 * Asks a function for the token of every call. A function that fails, or returns what is no token, fails
 * the call as UNAUTHENTICATED; the token is in no message.
 */
export function functionCredential(key: () => string | Promise<string>): Credential {
  let lastGood: string | undefined;
  const check = (token: unknown): string => {
    if (typeof token === "string" && (token === lastGood || isUsableToken(token))) {
      lastGood = token;
      return token;
    }
    throw new ConnectError(
      "the function `key` returned what is no bearer token",
      Code.Unauthenticated,
    );
  };
  const ask = (): string | Promise<string> => {
    let answer: unknown;
    try {
      answer = key();
    } catch (error) {
      throw failed(error);
    }
    if (typeof answer === "string") return check(answer);
    return Promise.resolve(answer).then(check, (error: unknown) => {
      throw failed(error);
    });
  };
  return { current: ask, renew: async () => ask() };
}

function failed(error: unknown): ConnectError {
  const message = "the function `key` failed";
  return new ConnectError(message, Code.Unauthenticated, undefined, undefined, error);
}
