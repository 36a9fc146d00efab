import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../../domain/duration.ts";
import {
  CredentialService,
  RotateCredentialResponseSchema,
} from "../../gen/fleetgate/credential/v1/credential_service_pb.ts";
import { durationArgument, filledArgument } from "../arguments.ts";
import { askWithNonce } from "../ask-with-nonce.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes } from "../exit-code.ts";
import { formatTime } from "../format-time.ts";
import { forgetNonce, nonceFileOption, nonceOf } from "../nonce-file.ts";
import { plain } from "../print.ts";
import { askForSecrets } from "../secret-files.ts";
import { showToken } from "../show-token.ts";
import { checkCredentialId } from "./credential-id.ts";

interface RotateOptions {
  /** Milliseconds. */
  readonly grace?: number;
  readonly ttl?: number;
  readonly tokenFile?: string;
  readonly nonceFile?: string;
}

/** Adds `credential rotate`. */
export const addCredentialRotate: AddCommand = (parent, cli) => {
  parent
    .command("rotate")
    .argument("[id]", "the public id of a runner token (default: the one that is sent)")
    .description(
      "Replace a runner token by a new one; the one before goes on for a while. For its bearer, and for administrators of its realm's runners. Each is rotated once; asks again by itself when the answer was lost.",
    )
    .addOption(
      new Option(
        "--grace <duration>",
        "how long the one before goes on, 0s to 7d, no longer than it would have (default: 1h)",
      ).argParser(graceArgument),
    )
    .addOption(
      new Option(
        "--ttl <duration>",
        "how long the new one lives, 1h to 90d (default: 30d)",
      ).argParser(durationArgument),
    )
    .option(
      "--token-file <file>",
      "write the new token there, mode 0600, over the one before in one step, and print none",
      filledArgument,
    )
    .addOption(nonceFileOption())
    .addHelpText(
      "after",
      examples(
        [
          "a machine renews its own, before it expires",
          "fleetgate credential rotate --header-file runner.token --token-file runner.token --nonce-file rotate.nonce",
        ],
        [
          "an administrator replaces one that leaked; the one before is dead at once",
          "fleetgate credential rotate Jx2vQ0r8sT1uVw3Y --grace 0s --token-file new.token",
        ],
      ),
    )
    .action(
      cli.action(async (id: string | undefined, options: RotateOptions) => {
        if (id !== undefined) checkCredentialId(id);
        const { grace, ttl, tokenFile, nonceFile } = options;
        const nonce = nonceOf(nonceFile);
        const response = await askForSecrets(
          [{ path: tokenFile, replaces: true, repeats: nonceFile !== undefined }],
          () =>
            askWithNonce(
              cli,
              (connection) =>
                connection.client(CredentialService).rotateCredential({
                  ...{ credentialId: id ?? "", nonce },
                  ...(grace === undefined ? {} : { grace: durationFromMs(grace) }),
                  ...(ttl === undefined ? {} : { ttl: durationFromMs(ttl) }),
                }),
              nonce,
            ),
          ({ token }) => [token],
        );
        forgetNonce(nonceFile);
        const { token, credentialId, expiresAt, previousExpiresAt } = response;
        showToken(cli, {
          schema: RotateCredentialResponseSchema,
          response,
          token: tokenFile === undefined ? token : "",
          about: [
            `runner token ${plain(credentialId)}, expires ${formatTime(expiresAt, "never")}; the one before expires ${formatTime(previousExpiresAt, "never")}`,
          ],
          files: [tokenFile],
          strip: (copy) => {
            if (tokenFile !== undefined) copy.token = "";
          },
        });
        return exitCodes.ok;
      }),
    );
};

/** Reads a duration that may be none at all, in milliseconds. */
function graceArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError("It must be a number and a unit, e.g. 0s, 30s, 5m, 2h, 7d.");
}
