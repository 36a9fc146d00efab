import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { CliError } from "./cli-error.ts";
import type { Cli } from "./cli.ts";
import { closedGateMs } from "./closed-gate.ts";
import { withConnection, type Connection } from "./connection.ts";
import { isUntrusted } from "./explain-connect-error.ts";
import { printNotes } from "./print.ts";

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

/**
 * Asks again when the answer was lost, for what the request itself makes safe to repeat. When an operator has closed the method meanwhile
 * it waits until it is open: nobody else can ask for that answer.
 */
export async function askAgain<T>(
  cli: Cli,
  ask: (connection: Connection) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ;) {
    try {
      return await withConnection(cli, ask);
    } catch (error) {
      if (attempt > 1 && (await waitForGate(cli, error))) continue;
      if (attempt === maxAttempts || !mayBeLost(error)) throw error;
      await setTimeout(pauseMs * attempt);
      attempt += 1;
    }
  }
}

/** Waits as long as a server says that keeps the method closed; false: it is another error. */
export async function waitForGate(cli: Cli, error: unknown): Promise<boolean> {
  const ms = closedGateMs(error);
  if (ms === undefined) return false;
  const seconds = Math.ceil(ms / 1000);
  printNotes(
    cli.io,
    `an answer may be lost, and an operator keeps this closed for a while: asking again in ${seconds} s, for the server keeps it`,
  );
  await setTimeout(ms);
  return true;
}

/** What an error says, for who waits meanwhile. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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
