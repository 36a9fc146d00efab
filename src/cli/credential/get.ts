import {
  CredentialService,
  GetCredentialResponseSchema,
} from "../../gen/fleetgate/credential/v1/credential_service_pb.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { show } from "../show.ts";
import { checkCredentialId } from "./credential-id.ts";
import { formatCredential } from "./format-credential.ts";

/** Adds `credential get`. */
export const addCredentialGet: AddCommand = (parent, cli) => {
  parent
    .command("get")
    .argument("<id>", "its public id, the third part of its token or from a log")
    .description("Show a credential, without its secret. For credential auditors of its realm.")
    .addHelpText(
      "after",
      examples(["a log names this one", "fleetgate credential get Jx2vQ0r8sT1uVw3Y"]),
    )
    .action(
      cli.action(async (credentialId: string) => {
        checkCredentialId(credentialId);
        const response = await withConnection(cli, (connection) =>
          connection.client(CredentialService).getCredential({ credentialId }),
        );
        const { credential } = response;
        const lines = credential === undefined ? [] : formatCredential(credential);
        show(cli, GetCredentialResponseSchema, response, lines);
        return exitCodes.ok;
      }),
    );
};
