import {
  CallerService,
  Freshness,
  IdentifyCallerResponseSchema,
} from "../../gen/fleetgate/credential/v1/caller_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { CliError, usageError } from "../cli-error.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes } from "../exit-code.ts";
import { printNotes } from "../print.ts";
import { readSecret } from "../read-secret.ts";
import { askForSecrets } from "../secret-files.ts";
import { show } from "../show.ts";
import { askAboutSecret } from "./ask-about-secret.ts";
import { formatCaller } from "./format-caller.ts";

interface IdentifyOptions {
  readonly audience: string;
  readonly tokenFile?: string;
  readonly wantPermission?: string;
  readonly target?: string;
  readonly strict?: boolean;
  readonly assertionFile?: string;
}

/** Adds `identify`. */
export const addIdentify: AddCommand = (parent, cli) => {
  parent
    .command("identify")
    .description(
      "Tell whose a token of a bot, a task or a runner is. Ends with 1 when it is refused. For relying services of the token's realm.",
    )
    .requiredOption(
      "--audience <service>",
      "the service that was shown it, e.g. cache",
      filledArgument,
    )
    .option("--token-file <file>", "the token (default: standard input)", filledArgument)
    .option("--want-permission <permission>", "a permission that it must have", filledArgument)
    .option(
      "--target <identity>",
      "whose it must be, bot:..., task:... or runner:...",
      filledArgument,
    )
    .option("--strict", "see everything that was committed before")
    .option(
      "--assertion-file <file>",
      "write the assertion there, for url sign within 60 s, mode 0600; must not exist",
      filledArgument,
    )
    .argument("[nothing...]", "there are no arguments: a token never goes on a command line")
    .addHelpText(
      "after",
      examples(
        ["the token is on standard input", "fleetgate identify --audience cache < job.token"],
        [
          "may it report for this task?",
          "fleetgate identify --audience cache --token-file job.token --target task:build-1 --want-permission fleetgate.tasks.report",
        ],
      ),
    )
    .action(
      cli.action(async (words: readonly string[], options: IdentifyOptions) => {
        if (words.length > 0) {
          throw usageError(
            "identify takes no argument",
            "every process of this machine can read a command line: give the token on standard input or by --token-file, and if this was one, revoke it",
          );
        }
        const { audience, tokenFile, wantPermission = "", target = "", assertionFile } = options;
        const token = await readSecret(cli.io, tokenFile, "a token");
        const freshness = options.strict === true ? Freshness.STRICT : Freshness.BOUNDED;
        return askAboutSecret(cli, async (connection) => {
          const response = await askForSecrets(
            [{ path: assertionFile }],
            async () => {
              const answer = await connection.client(CallerService).identifyCaller({
                ...{ token, audience, wantPermission, freshness },
                targetSubject: target,
              });
              if (assertionFile !== undefined && answer.assertion === "") throw noAssertion();
              return answer;
            },
            ({ assertion }) => [assertion],
          );
          if (assertionFile !== undefined) response.assertion = "";
          const { caller } = response;
          show(cli, IdentifyCallerResponseSchema, response, caller ? formatCaller(caller) : []);
          if (assertionFile !== undefined) printNotes(cli.io, `wrote ${assertionFile}`);
          return exitCodes.ok;
        });
      }),
    );
};

function noAssertion(): CliError {
  return new CliError("the server has no key to sign an assertion with", {
    exitCode: exitCodes.failed,
    hint: "`fleetgate url keys` shows the keys",
  });
}
