import { Code, ConnectError } from "@connectrpc/connect";
import { isUsableToken } from "./parse-key-file.ts";

/** Where the bearer token of the calls comes from. */
export interface Credential {
  /** The token to send now; undefined: none. */
  readonly current: () => Promise<string | undefined>;
  /** Looks for another token after the server has refused one; the same one when there is no other. */
  readonly renew: (refused: string) => Promise<string | undefined>;
}

/** Sends no token: the client certificate speaks, or nobody. */
export const noCredential: Credential = {
  current: () => Promise.resolve(undefined),
  renew: () => Promise.resolve(undefined),
};

/**
 * Asks a function for the token of every call. A function that fails, or returns what is no token, fails
 * the call as UNAUTHENTICATED; the token is in no message.
 */
export function functionCredential(key: () => string | Promise<string>): Credential {
  const ask = async (): Promise<string> => {
    let token: string;
    try {
      token = await key();
    } catch (error) {
      const message = "the function `key` failed";
      throw new ConnectError(message, Code.Unauthenticated, undefined, undefined, error);
    }
    if (typeof token === "string" && isUsableToken(token)) return token;
    throw new ConnectError(
      "the function `key` returned what is no bearer token",
      Code.Unauthenticated,
    );
  };
  return { current: ask, renew: ask };
}
