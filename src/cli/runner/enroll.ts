import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Option } from "commander";
import {
  EnrollResponseSchema,
  RunnerService,
} from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import { durationArgument, filledArgument, repeatableOption } from "../arguments.ts";
import { askWithNonce } from "../ask-with-nonce.ts";
import { checkHeaderFile } from "../check-header-file.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes } from "../exit-code.ts";
import { formatTime } from "../format-time.ts";
import { forgetNonce, nonceFileOption, nonceOf } from "../nonce-file.ts";
import { plain } from "../print.ts";
import { askForSecrets, placeOfNonce, repeatedTokenFileOption } from "../secret-files.ts";
import { showToken } from "../show-token.ts";
import { infoField, withInfoOptions, type InfoOptions } from "./info-options.ts";

interface EnrollOptions extends InfoOptions {
  readonly systemId: string;
  /** Milliseconds. */
  readonly ttl?: number;
  readonly audience: readonly string[];
  readonly tokenFile?: string;
  readonly nonceFile?: string;
}

/** Adds `runner enroll`. */
export const addRunnerEnroll: AddCommand = (parent, cli) => {
  const command = parent
    .command("enroll")
    .description(
      "Enrol this machine as a manager of a runner, and show its runner token once. For who has an enrolment token, which --header-file names. Asks again by itself when the answer was lost, which uses the token no second time.",
    )
    .requiredOption(
      "--system-id <id>",
      "of this machine, another one for each: 1 to 64 of 0-9 A-Z a-z _ - .",
      filledArgument,
    )
    .addOption(
      new Option(
        "--ttl <duration>",
        "how long its token lives, 1h to 90d (default: 30d)",
      ).argParser(durationArgument),
    )
    .addOption(
      repeatableOption(
        "--audience <service>",
        "only for this service; `fleetgate` is the server itself",
      ),
    )
    .addOption(repeatedTokenFileOption())
    .addOption(nonceFileOption());
  withInfoOptions(command)
    .addHelpText(
      "after",
      examples([
        "what a new machine does once",
        "fleetgate runner enroll --system-id s_1f2e3d --header-file enroll.token --token-file runner.token --name rack1-07 --label ssd",
      ]),
    )
    .action(
      cli.action(async (options: EnrollOptions) => {
        const { systemId, ttl, audience, tokenFile, nonceFile } = options;
        checkHeaderFile(cli, "the enrolment token");
        const nonce = nonceOf(nonceFile);
        const response = await askForSecrets(
          [{ path: tokenFile, ...placeOfNonce(nonceFile) }],
          () =>
            askWithNonce(
              cli,
              (connection) =>
                connection.client(RunnerService).enroll({
                  ...{ systemId, nonce, audiences: [...audience], ...infoField(options) },
                  ...(ttl === undefined ? {} : { ttl: durationFromMs(ttl) }),
                }),
              nonce,
            ),
          ({ token }) => [token],
        );
        forgetNonce(nonceFile);
        const { token, credentialId, expiresAt, runner } = response;
        const whose = `manager ${plain(systemId)} of runner ${plain(runner?.runnerId ?? "")}`;
        const life = `expires ${formatTime(expiresAt, "never")}`;
        showToken(cli, {
          schema: EnrollResponseSchema,
          response,
          token: tokenFile === undefined ? token : "",
          about: [`runner token ${plain(credentialId)}, ${whose}, ${life}`],
          files: [tokenFile],
          strip: (copy) => {
            if (tokenFile !== undefined) copy.token = "";
          },
        });
        return exitCodes.ok;
      }),
    );
};
