import {
  CredentialService,
  RevokeCredentialResponseSchema,
} from "../../gen/fleetgate/credential/v1/credential_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { usageError } from "../cli-error.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { counted } from "../print.ts";
import { show } from "../show.ts";
import { checkCredentialId } from "./credential-id.ts";

interface RevokeOptions {
  readonly identity?: string;
  readonly reason?: string;
}

/** Adds `credential revoke`. */
export const addCredentialRevoke: AddCommand = (parent, cli) => {
  parent
    .command("revoke")
    .argument("[id]", "the public id of one credential")
    .description(
      "End a credential, or all of a bot, a task or a runner. Revoking what has ended is no error. For credential admins of its realm.",
    )
    .option(
      "--identity <identity>",
      "all of this bot, task or runner: what keeps out who must not take over a session that was stolen",
      filledArgument,
    )
    .option("--reason <text>", "why, for the audit", filledArgument)
    .addHelpText(
      "after",
      examples(
        [
          "the machine was broken into",
          'fleetgate credential revoke --identity bot:vm1-m1 --reason "stolen"',
        ],
        ["one of them", "fleetgate credential revoke Jx2vQ0r8sT1uVw3Y"],
      ),
    )
    .action(
      cli.action(async (id: string | undefined, options: RevokeOptions) => {
        const { identity = "", reason = "" } = options;
        if ((id === undefined) === (identity === "")) {
          throw usageError(
            "say the id of one credential, or --identity for all of a bot, a task or a runner",
          );
        }
        if (id !== undefined) checkCredentialId(id);
        const response = await withConnection(cli, (connection) =>
          connection
            .client(CredentialService)
            .revokeCredential({ credentialId: id ?? "", identity, reason }),
        );
        const line = `revoked ${counted(response.revoked, "credential")}`;
        show(cli, RevokeCredentialResponseSchema, response, [line]);
        return exitCodes.ok;
      }),
    );
};
