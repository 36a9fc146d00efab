import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type Client } from "@connectrpc/connect";
import { AclService } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { Cli } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { findErrorInfo, toStatus } from "../error-status.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { plain, printLines, printMessage } from "../print.ts";
import { printStatus } from "../print-status.ts";

/** Makes one check and prints the decision. Everything that is not a decision is thrown. */
export async function decide<D extends DescMessage>(
  cli: Cli,
  responseSchema: D,
  ask: (client: Client<typeof AclService>) => Promise<MessageShape<D>>,
): Promise<ExitCode> {
  const { json } = cli.globals();
  return withConnection(cli, async (connection) => {
    try {
      const response = await ask(connection.client(AclService));
      if (json) printMessage(cli.io, responseSchema, response);
      else printLines(cli.io, "permitted");
      return exitCodes.ok;
    } catch (error) {
      if (!isDenial(error)) throw error;
      if (json) printStatus(cli.io, toStatus(error));
      else printLines(cli.io, `denied: ${plain(error.rawMessage)}`);
      return exitCodes.denied;
    }
  });
}

/** Whether Fleetgate itself said no. A 403 of a proxy has the same code and is no decision. */
function isDenial(error: unknown): error is ConnectError {
  return (
    error instanceof ConnectError &&
    error.code === Code.PermissionDenied &&
    findErrorInfo(error)?.reason === "PERMISSION_DENIED"
  );
}
