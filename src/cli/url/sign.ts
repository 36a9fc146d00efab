import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Option } from "commander";
import {
  SignUrlResponseSchema,
  UrlService,
} from "../../gen/fleetgate/credential/v1/url_service_pb.ts";
import { durationArgument, filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { formatTime } from "../format-time.ts";
import { readSecret } from "../read-secret.ts";
import { askForSecrets } from "../secret-files.ts";
import { showToken } from "../show-token.ts";
import { withTarget, type TargetOptions } from "./target-options.ts";

interface SignOptions extends TargetOptions {
  /** Milliseconds. */
  readonly ttl?: number;
  readonly surviveTask?: boolean;
  readonly assertionFile?: string;
  readonly realm?: string;
  readonly grantFile?: string;
}

/** Adds `url sign`. */
export const addUrlSign: AddCommand = (parent, cli) => {
  withTarget(parent.command("sign"))
    .description(
      "Sign the right to do one thing with one resource, and show the grant, which goes into a URL. For relying services, and for tasks whose tokens list fleetgate.urls.sign.",
    )
    .addOption(
      new Option("--ttl <duration>", "how long it lives, 1s to 1h (default: 10m)").argParser(
        durationArgument,
      ),
    )
    .option("--survive-task", "it goes on after the end of the task")
    .option(
      "--assertion-file <file>",
      "on behalf of the task of which fleetgate identify wrote this assertion; - for standard input",
      filledArgument,
    )
    .option("--realm <realm>", "for no task: the realm, project:realm", filledArgument)
    .option(
      "--grant-file <file>",
      "write the grant there, mode 0600; must not exist",
      filledArgument,
    )
    .addHelpText(
      "after",
      examples(
        [
          "for no task",
          "fleetgate url sign --purpose cache.download --method GET --resource cache/1234 --realm chromium:ci",
        ],
        [
          "on behalf of the task of which identify wrote the assertion, until it ends",
          "fleetgate url sign --purpose cache.download --method GET --resource cache/1234 --assertion-file assertion --grant-file grant",
        ],
      ),
    )
    .action(
      cli.action(async (options: SignOptions) => {
        const { purpose, method, resource, ttl, assertionFile, realm = "", grantFile } = options;
        const callerAssertion =
          assertionFile === undefined
            ? ""
            : await readSecret(cli.io, assertionFile, "an assertion");
        const response = await askForSecrets(
          [{ path: grantFile }],
          () =>
            withConnection(cli, (connection) =>
              connection.client(UrlService).signUrl({
                ...{ purpose, method, resource, callerAssertion, realm },
                surviveTask: options.surviveTask === true,
                ...(ttl === undefined ? {} : { ttl: durationFromMs(ttl) }),
              }),
            ),
          ({ grant }) => [grant],
        );
        showToken(cli, {
          schema: SignUrlResponseSchema,
          response,
          what: "grant",
          token: grantFile === undefined ? response.grant : "",
          about: [`expires ${formatTime(response.expiresAt, "-")}`],
          files: [grantFile],
          strip: (copy) => {
            if (grantFile !== undefined) copy.grant = "";
          },
        });
        return exitCodes.ok;
      }),
    );
};
