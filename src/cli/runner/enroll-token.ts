import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Option } from "commander";
import {
  CreateEnrollTokenResponseSchema,
  RunnerService,
} from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import { durationArgument, filledArgument, sizeArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { formatTime } from "../format-time.ts";
import { counted, plain } from "../print.ts";
import { askForSecrets, tokenFileOption } from "../secret-files.ts";
import { showToken } from "../show-token.ts";

interface EnrollTokenOptions {
  readonly maxUses?: number;
  /** Milliseconds. */
  readonly ttl?: number;
  readonly tokenFile?: string;
}

/** Adds `runner enroll-token`. */
export const addRunnerEnrollToken: AddCommand = (parent, cli) => {
  parent
    .command("enroll-token")
    .argument("<runner>", "its id", filledArgument)
    .description(
      "Issue a token by which machines enrol as managers of a runner, and show it once. For administrators of its realm's runners.",
    )
    .addOption(
      new Option(
        "--max-uses <count>",
        "how many machines may enrol by it, 1 to 10000 (default: 1)",
      ).argParser(sizeArgument(10_000)),
    )
    .addOption(
      new Option("--ttl <duration>", "how long it lives, 1m to 30d (default: 1h)").argParser(
        durationArgument,
      ),
    )
    .addOption(tokenFileOption())
    .addHelpText(
      "after",
      examples(
        ["for one machine", "fleetgate runner enroll-token linux-1 --token-file enroll.token"],
        [
          "for a rack of them, until tomorrow",
          "fleetgate runner enroll-token linux-1 --max-uses 40 --ttl 24h --token-file rack.token",
        ],
      ),
    )
    .action(
      cli.action(async (runnerId: string, options: EnrollTokenOptions) => {
        const { maxUses = 0, ttl, tokenFile } = options;
        const response = await askForSecrets(
          [{ path: tokenFile }],
          () =>
            withConnection(cli, (connection) =>
              connection.client(RunnerService).createEnrollToken({
                ...{ runnerId, maxUses },
                ...(ttl === undefined ? {} : { ttl: durationFromMs(ttl) }),
              }),
            ),
          ({ token }) => [token],
        );
        const { token, credentialId, expiresAt } = response;
        const uses = counted(maxUses === 0 ? 1 : maxUses, "machine");
        const life = `for ${uses}, expires ${formatTime(expiresAt, "never")}`;
        showToken(cli, {
          schema: CreateEnrollTokenResponseSchema,
          response,
          token: tokenFile === undefined ? token : "",
          about: [`enrolment token ${plain(credentialId)} of runner ${plain(runnerId)}, ${life}`],
          files: [tokenFile],
          strip: (copy) => {
            if (tokenFile !== undefined) copy.token = "";
          },
        });
        return exitCodes.ok;
      }),
    );
};
