import {
  OpenSessionResponseSchema,
  SessionService,
} from "../../gen/fleetgate/credential/v1/session_service_pb.ts";
import { repeatableOption } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
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

interface OpenOptions extends SessionOptions {
  readonly audience: readonly string[];
}

/** Adds `session open`. */
export const addSessionOpen: AddCommand = (parent, cli) => {
  withSessionOptions(parent.command("open"))
    .description(
      "Open the session of a bot, which ends the one before. For the bot by its boot token, which --header-file names.",
    )
    .addOption(
      repeatableOption(
        "--audience <service>",
        "only for this service; `fleetgate` is the server itself",
      ),
    )
    .addHelpText(
      "after",
      examples([
        "what a new machine does once",
        "fleetgate session open --header-file boot.token --token-file session.token --resume-file resume.token",
      ]),
    )
    .action(
      cli.action(async (options: OpenOptions) => {
        const response = await askForSecrets(
          sessionPlaces(options),
          () =>
            withConnection(cli, (connection) =>
              connection
                .client(SessionService)
                .openSession({ audiences: [...options.audience], ...ttlField(options) }),
            ),
          sessionSecrets,
        );
        const shown = shownSession(cli, response, options);
        showToken(cli, { schema: OpenSessionResponseSchema, response, ...shown });
        return exitCodes.ok;
      }),
    );
};
