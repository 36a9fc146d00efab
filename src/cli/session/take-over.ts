import {
  SessionService,
  TakeOverSessionResponseSchema,
} from "../../gen/fleetgate/credential/v1/session_service_pb.ts";
import { askWithNonce } from "../ask-with-nonce.ts";
import { examples, type AddCommand } from "../cli.ts";
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
          () =>
            askWithNonce(cli, (connection, nonce) =>
              connection.client(SessionService).takeOverSession({ nonce, ...ttlField(options) }),
            ),
          sessionSecrets,
        );
        const shown = shownSession(cli, response, options);
        showToken(cli, { schema: TakeOverSessionResponseSchema, response, ...shown });
        return exitCodes.ok;
      }),
    );
};
