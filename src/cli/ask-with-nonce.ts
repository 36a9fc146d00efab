import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { CliError } from "./cli-error.ts";
import type { Cli } from "./cli.ts";
import { withConnection, type Connection } from "./connection.ts";

const maxAttempts = 3;
const pauseMs = 300;

/**
 * Asks for a secret that is given out once, again with the same nonce when the answer was lost: a second command would have another
 * nonce, and the server would take it for somebody else.
 */
export async function askWithNonce<T>(
  cli: Cli,
  ask: (connection: Connection, nonce: string) => Promise<T>,
): Promise<T> {
  const nonce = randomBytes(24).toString("base64url");
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await withConnection(cli, (connection) => ask(connection, nonce));
    } catch (error) {
      if (attempt === maxAttempts || !mayBeLost(error)) throw error;
      await setTimeout(pauseMs * attempt);
    }
  }
}

/** Whether nobody knows what became of a call. An error with another reason is an answer. */
export function mayBeLost(error: unknown): boolean {
  return (
    error instanceof CliError &&
    error.status !== undefined &&
    (error.reason === undefined || error.reason === "STORAGE_UNAVAILABLE")
  );
}
