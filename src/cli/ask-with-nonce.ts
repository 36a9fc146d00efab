import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { CliError } from "./cli-error.ts";
import type { Cli } from "./cli.ts";
import { withConnection, type Connection } from "./connection.ts";
import { isUntrusted } from "./explain-connect-error.ts";

const maxAttempts = 3;
const pauseMs = 300;

/**
 * Asks for a secret that is given out once, again with the same nonce when the answer was lost: a second command would have another
 * nonce, and the server would take it for somebody else.
 */
export async function askWithNonce<T>(
  cli: Cli,
  ask: (connection: Connection, nonce: string) => Promise<T>,
  nonce: string = newNonce(),
): Promise<T> {
  return askAgain(cli, (connection) => ask(connection, nonce));
}

/** What nobody can guess. */
export function newNonce(): string {
  return randomBytes(24).toString("base64url");
}

/** Asks again when the answer was lost, for what the request itself makes safe to repeat. */
export async function askAgain<T>(
  cli: Cli,
  ask: (connection: Connection) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await withConnection(cli, ask);
    } catch (error) {
      if (attempt === maxAttempts || !mayBeLost(error)) throw error;
      await setTimeout(pauseMs * attempt);
    }
  }
}

/** What a call comes to when the network fails, or a proxy in front of a server that is down. */
const codesOfLost: ReadonlySet<Code> = new Set([
  Code.Unavailable,
  Code.DeadlineExceeded,
  Code.Canceled,
  Code.Aborted,
  Code.Internal,
  Code.Unknown,
]);

/**
 * Whether nobody knows what became of a call, or it was not taken for want of a server. An error with another reason is an answer, and
 * who is not trusted stays so.
 */
export function mayBeLost(error: unknown): boolean {
  if (!(error instanceof CliError) || error.status === undefined) return false;
  if (error.reason !== undefined) return error.reason === "STORAGE_UNAVAILABLE";
  const { cause } = error;
  return cause instanceof ConnectError && codesOfLost.has(cause.code) && !isUntrusted(cause);
}
