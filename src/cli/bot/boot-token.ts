import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Option } from "commander";
import {
  BotService,
  IssueBootTokenResponseSchema,
} from "../../gen/fleetgate/credential/v1/bot_service_pb.ts";
import { countArgument, durationArgument, filledArgument, repeatableOption } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { formatTime } from "../format-time.ts";
import { plain } from "../print.ts";
import { askForSecrets, tokenFileOption } from "../secret-files.ts";
import { showToken } from "../show-token.ts";

interface BootTokenOptions {
  readonly generation: number;
  /** Milliseconds. */
  readonly ttl?: number;
  readonly audience: readonly string[];
  readonly tokenFile?: string;
}

/** Adds `bot boot-token`. */
export const addBotBootToken: AddCommand = (parent, cli) => {
  parent
    .command("boot-token")
    .argument("<bot>", "its id", filledArgument)
    .description(
      "Issue a boot token, for the user data of the machine, and show it once. For provisioners of the bot's realm.",
    )
    .addOption(
      new Option("--generation <number>", "the attempt that it is for, from bot get")
        .argParser(countArgument)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        "--ttl <duration>",
        "how long the bot may take to be set up, 1s to 24h (default: 20m); the token lives 5m longer",
      ).argParser(durationArgument),
    )
    .addOption(
      repeatableOption(
        "--audience <service>",
        "only for this service; `fleetgate` is the server itself",
      ),
    )
    .addOption(tokenFileOption())
    .addHelpText(
      "after",
      examples(
        [
          "into a file, for the user data",
          "fleetgate bot boot-token vm1-m1 --generation 1 --token-file boot.token",
        ],
        ["into a variable", "token=$(fleetgate bot boot-token vm1-m1 --generation 1 --ttl 10m)"],
      ),
    )
    .action(
      cli.action(async (botId: string, options: BootTokenOptions) => {
        const { generation, ttl, audience, tokenFile } = options;
        const response = await askForSecrets(
          [{ path: tokenFile }],
          () =>
            withConnection(cli, (connection) =>
              connection.client(BotService).issueBootToken({
                botId,
                generation,
                audiences: [...audience],
                ...(ttl === undefined ? {} : { ttl: durationFromMs(ttl) }),
              }),
            ),
          ({ token }) => [token],
        );
        const { token, credentialId, expiresAt } = response;
        const life = `expires ${formatTime(expiresAt, "never")}`;
        showToken(cli, {
          schema: IssueBootTokenResponseSchema,
          response,
          token: tokenFile === undefined ? token : "",
          about: [`boot token ${plain(credentialId)} of bot ${plain(botId)}, ${life}`],
          files: [tokenFile],
          strip: (copy) => {
            if (tokenFile !== undefined) copy.token = "";
          },
        });
        return exitCodes.ok;
      }),
    );
};
