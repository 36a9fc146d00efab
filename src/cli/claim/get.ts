import {
  ClaimService,
  GetClaimResponseSchema,
} from "../../gen/fleetgate/credential/v1/claim_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { show } from "../show.ts";
import { formatClaim } from "./format-claim.ts";

/** Adds `claim get`. */
export const addClaimGet: AddCommand = (parent, cli) => {
  parent
    .command("get")
    .argument("<claim>", "its id", filledArgument)
    .description(
      "Show a claim, and who was refused with its token or for its job, at most about a minute late. For its opener and for task managers.",
    )
    .addHelpText(
      "after",
      examples([
        "why did nobody get it?",
        "fleetgate claim get 6f1f6a3e-3c0e-4d53-9d6f-0d7f3a0c9b11",
      ]),
    )
    .action(
      cli.action(async (claimId: string) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(ClaimService).getClaim({ claimId }),
        );
        const { claim } = response;
        show(cli, GetClaimResponseSchema, response, claim === undefined ? [] : formatClaim(claim));
        return exitCodes.ok;
      }),
    );
};
