import { ConnectError } from "@connectrpc/connect";
import type { Cli } from "../cli.ts";
import { withConnection, type Connection } from "../connection.ts";
import { findErrorInfo, toStatus } from "../error-status.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { plain, printLines } from "../print.ts";
import { printStatus } from "../print-status.ts";

/** The reasons that are an answer about what was shown; any other error is about the question. */
const refusals: ReadonlySet<string> = new Set([
  "SHOWN_CREDENTIAL_REFUSED",
  "TASK_NOT_ACTIVE",
  "SUBJECT_MISMATCH",
  "CREDENTIAL_LACKS_PERMISSION",
]);

/** Asks about a token or a grant; that it is refused is an answer, which ends with 1. */
export async function askAboutSecret(
  cli: Cli,
  ask: (connection: Connection) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withConnection(cli, async (connection) => {
    try {
      return await ask(connection);
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      const info = findErrorInfo(error);
      if (info === undefined || !refusals.has(info.reason)) throw error;
      if (cli.globals().json) printStatus(cli.io, toStatus(error));
      else
        printLines(cli.io, `refused: ${plain(error.rawMessage)}`, `reason: ${plain(info.reason)}`);
      return exitCodes.denied;
    }
  });
}
