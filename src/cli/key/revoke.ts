import {
  ApiKeyService,
  ApiKeyServiceRevokeResponseSchema,
} from "../../gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { usageError } from "../cli-error.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { plain, printLines, printMessage } from "../print.ts";

interface RevokeOptions {
  readonly reason?: string;
}

/** Adds `key revoke`. */
export const addKeyRevoke: AddCommand = (parent, cli) => {
  parent
    .command("revoke <id>")
    .description("Revoke an API key at once and for good. Revoking it again is harmless.")
    .option("--reason <text>", "why, for the change log")
    // One id in 64 begins with "-" and looks like an option.
    .allowUnknownOption()
    .addHelpText(
      "after",
      examples([
        "end a key that leaked",
        'fleetgate key revoke Jx2vQ0r8sT1uVw3Y --reason "leaked"',
      ]),
    )
    .action(
      cli.action(async (id: string, { reason = "" }: RevokeOptions) => {
        if (!/^[A-Za-z0-9_-]{16}$/.test(id)) {
          throw usageError(
            "the id of a key is 16 characters of base64url",
            "`fleetgate key list` shows the ids; never put a whole token on a command line",
          );
        }
        const response = await withConnection(cli, (connection) =>
          connection.client(ApiKeyService).revoke({ id, reason }),
        );
        if (cli.globals().json) {
          printMessage(cli.io, ApiKeyServiceRevokeResponseSchema, response);
        } else {
          const identity = plain(response.apiKey?.identity ?? "");
          printLines(
            cli.io,
            `revoked ${id} of ${identity}`,
            `revision token: ${response.revisionToken}`,
          );
        }
        return exitCodes.ok;
      }),
    );
};
