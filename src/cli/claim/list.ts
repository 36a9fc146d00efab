import { create } from "@bufbuild/protobuf";
import {
  ClaimService,
  ListClaimsResponseSchema,
  type ListClaimsResponse,
} from "../../gen/fleetgate/credential/v1/claim_service_pb.ts";
import { allPages } from "../all-pages.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { printNotes, toColumns } from "../print.ts";
import { show } from "../show.ts";
import { claimHeader, toClaimRow } from "./format-claim.ts";

interface ListOptions {
  readonly realm: string;
  readonly job?: string;
  readonly all?: boolean;
}

/** Adds `claim list`. */
export const addClaimList: AddCommand = (parent, cli) => {
  parent
    .command("list")
    .description(
      "List the pending claims of a realm, the newest first: your own, or for task managers everybody's.",
    )
    .requiredOption("--realm <realm>", "project:realm", filledArgument)
    .option("--job <job>", "only those of this job", filledArgument)
    .option("--all", "those as well that are over")
    .addHelpText(
      "after",
      examples(
        ["what waits for a worker?", "fleetgate claim list --realm chromium:ci"],
        [
          "all that became of a job",
          "fleetgate claim list --realm chromium:ci --job build-7 --all",
        ],
      ),
    )
    .action(
      cli.action(async ({ realm, job = "", all = false }: ListOptions) => {
        const pages = await withConnection(cli, (connection) => {
          const client = connection.client(ClaimService);
          return allPages<ListClaimsResponse>((pageToken) =>
            client.listClaims({ realm, jobId: job, showEnded: all, pageSize: 1000, pageToken }),
          );
        });
        const claims = pages.flatMap((page) => page.claims);
        const lines =
          claims.length === 0 ? [] : toColumns([claimHeader, ...claims.map(toClaimRow)]);
        show(cli, ListClaimsResponseSchema, create(ListClaimsResponseSchema, { claims }), lines);
        if (claims.length === 0) printNotes(cli.io, "no claims");
        return exitCodes.ok;
      }),
    );
};
