import {
  CancelClaimResponseSchema,
  ClaimService,
} from "../../gen/fleetgate/credential/v1/claim_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { show } from "../show.ts";
import { changedLines } from "./show-claim.ts";

/** Adds `claim cancel`. */
export const addClaimCancel: AddCommand = (parent, cli) => {
  parent
    .command("cancel")
    .argument("<claim>", "its id", filledArgument)
    .description(
      "End a pending claim: its token is dead. Safe to repeat. For its opener and for task managers.",
    )
    .addHelpText(
      "after",
      examples([
        "the job is not wanted any more",
        "fleetgate claim cancel 6f1f6a3e-3c0e-4d53-9d6f-0d7f3a0c9b11",
      ]),
    )
    .action(
      cli.action(async (claimId: string) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(ClaimService).cancelClaim({ claimId }),
        );
        show(cli, CancelClaimResponseSchema, response, changedLines(response.claim));
        return exitCodes.ok;
      }),
    );
};
