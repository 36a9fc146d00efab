import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Option } from "commander";
import {
  ClaimService,
  ExtendClaimResponseSchema,
} from "../../gen/fleetgate/credential/v1/claim_service_pb.ts";
import { durationArgument, filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { show } from "../show.ts";
import { changedLines } from "./show-claim.ts";

/** Adds `claim extend`. */
export const addClaimExtend: AddCommand = (parent, cli) => {
  parent
    .command("extend")
    .argument("<claim>", "its id", filledArgument)
    .description(
      "Move the deadline of a pending claim, to a later time or an earlier one; at most 7 days after it was opened. For its opener and for task managers.",
    )
    .addOption(
      new Option("--ttl <duration>", "until its deadline, from now, 1s to 24h")
        .argParser(durationArgument)
        .makeOptionMandatory(),
    )
    .addHelpText(
      "after",
      examples([
        "the machine takes longer to start",
        "fleetgate claim extend 6f1f6a3e-3c0e-4d53-9d6f-0d7f3a0c9b11 --ttl 20m",
      ]),
    )
    .action(
      cli.action(async (claimId: string, { ttl }: { readonly ttl: number }) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(ClaimService).extendClaim({ claimId, ttl: durationFromMs(ttl) }),
        );
        show(cli, ExtendClaimResponseSchema, response, changedLines(response.claim));
        return exitCodes.ok;
      }),
    );
};
