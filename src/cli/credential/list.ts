import { create } from "@bufbuild/protobuf";
import {
  CredentialService,
  ListCredentialsResponseSchema,
  type ListCredentialsResponse,
} from "../../gen/fleetgate/credential/v1/credential_service_pb.ts";
import { allPages } from "../all-pages.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { printNotes, toColumns } from "../print.ts";
import { show } from "../show.ts";
import { credentialHeader, toCredentialRow } from "./format-credential.ts";

/** Adds `credential list`. */
export const addCredentialList: AddCommand = (parent, cli) => {
  parent
    .command("list")
    .argument("<identity>", "whose: bot:..., task:... or runner:...", filledArgument)
    .description(
      "List the credentials of a bot, a task or a runner, the newest first. For credential auditors of its realm.",
    )
    .option("--all", "those as well that have ended")
    .addHelpText(
      "after",
      examples(
        ["those of a bot that work", "fleetgate credential list bot:vm1-m1"],
        ["what a task had", "fleetgate credential list task:build-1 --all"],
        ["those of all machines of a runner", "fleetgate credential list runner:linux-1"],
      ),
    )
    .action(
      cli.action(async (identity: string, { all = false }: { readonly all?: boolean }) => {
        const pages = await withConnection(cli, (connection) => {
          const client = connection.client(CredentialService);
          return allPages<ListCredentialsResponse>((pageToken) =>
            client.listCredentials({ identity, showEnded: all, pageSize: 1000, pageToken }),
          );
        });
        const credentials = pages.flatMap((page) => page.credentials);
        const lines =
          credentials.length === 0
            ? []
            : toColumns([credentialHeader, ...credentials.map(toCredentialRow)]);
        const whole = create(ListCredentialsResponseSchema, { credentials });
        show(cli, ListCredentialsResponseSchema, whole, lines);
        if (credentials.length === 0) printNotes(cli.io, "no credentials");
        return exitCodes.ok;
      }),
    );
};
