import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import {
  SessionService,
  TakeOverSessionResponseSchema,
  type TakeOverSessionResponse,
} from "../../gen/fleetgate/credential/v1/session_service_pb.ts";
import { CliError } from "../cli-error.ts";
import { examples, type AddCommand, type Cli } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { askForSecrets } from "../secret-files.ts";
import { showToken } from "../show-token.ts";
import {
  sessionPlaces,
  sessionSecrets,
  shownSession,
  ttlField,
  withSessionOptions,
  type SessionOptions,
} from "./session-options.ts";

/** Adds `session take-over`. */
export const addSessionTakeOver: AddCommand = (parent, cli) => {
  withSessionOptions(parent.command("take-over"))
    .description(
      "Take the session of a bot over after a crash, or before it expires: its token and its resume token are new. For who has the resume token, which --header-file names and which works once.",
    )
    .addHelpText(
      "after",
      examples([
        "after a crash; both files are replaced",
        "fleetgate session take-over --header-file resume.token --token-file session.token --resume-file resume.token",
      ]),
    )
    .action(
      cli.action(async (options: SessionOptions) => {
        const response = await askForSecrets(
          sessionPlaces(options),
          () => takeOver(cli, options),
          sessionSecrets,
        );
        const shown = shownSession(cli, response, options);
        showToken(cli, { schema: TakeOverSessionResponseSchema, response, ...shown });
        return exitCodes.ok;
      }),
    );
};

const maxAttempts = 3;
const pauseMs = 300;

/**
 * Shows the resume token, again with the same nonce when the answer was lost: a second command would have another one, and
 * the server would take it for a thief.
 */
async function takeOver(cli: Cli, options: SessionOptions): Promise<TakeOverSessionResponse> {
  const request = { nonce: randomBytes(24).toString("base64url"), ...ttlField(options) };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await withConnection(cli, (connection) =>
        connection.client(SessionService).takeOverSession(request),
      );
    } catch (error) {
      if (attempt === maxAttempts || !mayBeLost(error)) throw error;
      await setTimeout(pauseMs * attempt);
    }
  }
}

// An error with another reason is an answer.
function mayBeLost(error: unknown): boolean {
  return (
    error instanceof CliError &&
    error.status !== undefined &&
    (error.reason === undefined || error.reason === "STORAGE_UNAVAILABLE")
  );
}
