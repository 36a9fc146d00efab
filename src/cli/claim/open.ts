import { randomUUID } from "node:crypto";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Option } from "commander";
import {
  ClaimService,
  OpenClaimResponseSchema,
} from "../../gen/fleetgate/credential/v1/claim_service_pb.ts";
import { durationArgument, filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes } from "../exit-code.ts";
import { termsOf, withTermsOptions, type TermsOptions } from "../task/terms-options.ts";
import { withOpeningOptions, type OpeningOptions } from "./open-options.ts";
import { openAndShow } from "./show-claim.ts";

interface OpenOptions extends TermsOptions, OpeningOptions {
  readonly realm: string;
  /** Milliseconds. */
  readonly timeLimit: number;
  readonly payload?: string;
}

/** Adds `claim open`. */
export const addClaimOpen: AddCommand = (parent, cli) => {
  const command = parent
    .command("open")
    .argument("<job>", "its id: that of the task that it becomes", filledArgument)
    .description(
      "Open a claim, and show its token once: the secret for the one worker that gets the job. For who may register tasks in the realm. Asks again by itself when the answer was lost.",
    )
    .requiredOption("--realm <realm>", "its realm, project:realm", filledArgument)
    .addOption(
      new Option("--time-limit <duration>", "how long the task may be executed, 1s to 30d")
        .argParser(durationArgument)
        .makeOptionMandatory(),
    );
  withOpeningOptions(withTermsOptions(command))
    .option(
      "--payload <text>",
      "what the worker gets with its token, e.g. where its job is described; no secret",
      filledArgument,
    )
    .addHelpText(
      "after",
      examples(
        [
          "a job for whichever worker comes first",
          "fleetgate claim open build-7 --realm chromium:ci --time-limit 1h --trust trusted --ref refs/heads/main --token-file claim.token",
        ],
        [
          "for a machine that is being started, and with what it needs to begin",
          "fleetgate claim open build-8 --realm chromium:ci --time-limit 1h --ttl 15m --executor vm/i-0f3a --payload https://jobs.example.com/build-8 --token-file vm.token",
        ],
      ),
    )
    .action(
      cli.action(async (jobId: string, options: OpenOptions) => {
        const { realm, timeLimit, ttl, executor = "", payload = "", tokenFile } = options;
        const claimId = options.claim ?? randomUUID();
        const terms = { ...termsOf(options), timeLimit: durationFromMs(timeLimit) };
        await openAndShow(
          cli,
          { schema: OpenClaimResponseSchema, claimId, tokenFile },
          (connection) =>
            connection.client(ClaimService).openClaim({
              ...{ claimId, jobId, realm, terms, executor, payload },
              ...(ttl === undefined ? {} : { ttl: durationFromMs(ttl) }),
            }),
        );
        return exitCodes.ok;
      }),
    );
};
