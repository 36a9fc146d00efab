import { randomUUID } from "node:crypto";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  ClaimService,
  SupersedeClaimResponseSchema,
} from "../../gen/fleetgate/credential/v1/claim_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes } from "../exit-code.ts";
import { withOpeningOptions, type OpeningOptions } from "./open-options.ts";
import { openAndShow } from "./show-claim.ts";

/** Adds `claim supersede`. */
export const addClaimSupersede: AddCommand = (parent, cli) => {
  const command = parent
    .command("supersede")
    .argument("<claim>", "the claim that ends, by its id", filledArgument)
    .description(
      "End a pending claim and open another one for its job with the same terms, for another worker, and show its token once. For its opener and for task managers.",
    );
  withOpeningOptions(command)
    .addHelpText(
      "after",
      examples([
        "the machine did not come up: start another one",
        "fleetgate claim supersede 6f1f6a3e-3c0e-4d53-9d6f-0d7f3a0c9b11 --executor vm/i-0f3b --token-file next.token",
      ]),
    )
    .action(
      cli.action(async (claimId: string, options: OpeningOptions) => {
        const { ttl, executor = "", tokenFile } = options;
        const newClaimId = options.claim ?? randomUUID();
        await openAndShow(
          cli,
          { schema: SupersedeClaimResponseSchema, claimId: newClaimId, tokenFile },
          (connection) =>
            connection.client(ClaimService).supersedeClaim({
              ...{ claimId, newClaimId, executor },
              ...(ttl === undefined ? {} : { ttl: durationFromMs(ttl) }),
            }),
        );
        return exitCodes.ok;
      }),
    );
};
