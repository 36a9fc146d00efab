import type { DescMessage, Message } from "@bufbuild/protobuf";
import { Code, ConnectError, type Client } from "@connectrpc/connect";
import { AclService } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { Cli } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { findErrorInfo, toStatus } from "../error-status.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { plain, printLines, printMessage } from "../print.ts";
import { printStatus } from "../print-status.ts";
import { freshness, type FreshnessOptions } from "./check-options.ts";
import type { DecidedCheck } from "./question.ts";
import { requireDecision } from "./require-decision.ts";

const { method } = AclService;
const responses: Readonly<Record<DecidedCheck["case"], DescMessage>> = {
  server: method.checkServerPerm.output,
  pool: method.checkPoolPerm.output,
  allPools: method.checkAllPoolsPerm.output,
  anyPools: method.checkAnyPoolsPerm.output,
  task: method.checkTaskPerm.output,
  bot: method.checkBotPerm.output,
  createInRealm: method.checkCreateInRealm.output,
  actAs: method.checkActAs.output,
};

/** Makes one check and prints the decision. Everything that is not a decision is thrown. */
export async function decide(
  cli: Cli,
  check: DecidedCheck,
  options: FreshnessOptions,
): Promise<ExitCode> {
  const { json } = cli.globals();
  return withConnection(cli, async (connection) => {
    try {
      const response = await ask(connection.client(AclService), check, freshness(options));
      requireDecision(response);
      if (json) printMessage(cli.io, responses[check.case], response);
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

function ask(
  client: Client<typeof AclService>,
  check: DecidedCheck,
  fresh: ReturnType<typeof freshness>,
): Promise<Message & { readonly revisionToken: string }> {
  switch (check.case) {
    case "server":
      return client.checkServerPerm({ ...check.value, ...fresh });
    case "pool":
      return client.checkPoolPerm({ ...check.value, ...fresh });
    case "allPools":
      return client.checkAllPoolsPerm({ ...check.value, ...fresh });
    case "anyPools":
      return client.checkAnyPoolsPerm({ ...check.value, ...fresh });
    case "task":
      return client.checkTaskPerm({ ...check.value, ...fresh });
    case "bot":
      return client.checkBotPerm({ ...check.value, ...fresh });
    case "createInRealm":
      return client.checkCreateInRealm({ ...check.value, ...fresh });
    default:
      return client.checkActAs({ ...check.value, ...fresh });
  }
}

/** Whether Fleetgate itself said no. A 403 of a proxy has the same code and is no decision. */
function isDenial(error: unknown): error is ConnectError {
  return (
    error instanceof ConnectError &&
    error.code === Code.PermissionDenied &&
    findErrorInfo(error)?.reason === "PERMISSION_DENIED"
  );
}
