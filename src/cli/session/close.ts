import {
  CloseSessionResponseSchema,
  SessionService,
} from "../../gen/fleetgate/credential/v1/session_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { plain } from "../print.ts";
import { show } from "../show.ts";

/** Adds `session close`. */
export const addSessionClose: AddCommand = (parent, cli) => {
  parent
    .command("close")
    .argument("[bot]", "whose session (default: that whose token is sent)", filledArgument)
    .description(
      "Close a session. No session is no error. For the bot itself, and for provisioners of its realm.",
    )
    .addHelpText(
      "after",
      examples(
        ["the bot stops", "fleetgate session close --header-file session.token"],
        ["a provisioner ends that of a bot", "fleetgate session close vm1-m1"],
      ),
    )
    .action(
      cli.action(async (botId: string | undefined) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(SessionService).closeSession({ botId: botId ?? "" }),
        );
        const whose = botId === undefined ? "" : ` of bot ${plain(botId)}`;
        show(cli, CloseSessionResponseSchema, response, [`closed the session${whose}`]);
        return exitCodes.ok;
      }),
    );
};
