import {
  ClaimService,
  ReportExecutorResponseSchema,
} from "../../gen/fleetgate/credential/v1/claim_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { show } from "../show.ts";
import { changedLines } from "./show-claim.ts";

/** Adds `claim report`. */
export const addClaimReport: AddCommand = (parent, cli) => {
  parent
    .command("report")
    .argument("<claim>", "its id", filledArgument)
    .description(
      "Say that the executor is done that was to start the worker: a claim that is still pending has failed by that. For its opener and for task managers.",
    )
    .option(
      "--error <text>",
      "why it failed; no secret (default: it ended without an error)",
      filledArgument,
    )
    .addHelpText(
      "after",
      examples(
        [
          "the machine could not be started",
          'fleetgate claim report 6f1f6a3e-3c0e-4d53-9d6f-0d7f3a0c9b11 --error "no capacity in zone b"',
        ],
        [
          "the process of the worker has ended",
          "fleetgate claim report 6f1f6a3e-3c0e-4d53-9d6f-0d7f3a0c9b11",
        ],
      ),
    )
    .action(
      cli.action(async (claimId: string, { error = "" }: { readonly error?: string }) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(ClaimService).reportExecutor({ claimId, error }),
        );
        show(cli, ReportExecutorResponseSchema, response, changedLines(response.claim));
        return exitCodes.ok;
      }),
    );
};
