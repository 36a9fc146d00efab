import { Code, ConnectError } from "@connectrpc/connect";
import {
  Health,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../gen/grpc/health/v1/health_pb.ts";
import { filledArgument } from "./arguments.ts";
import { CliError } from "./cli-error.ts";
import { examples, type AddCommand } from "./cli.ts";
import { withConnection } from "./connection.ts";
import { toStatus } from "./error-status.ts";
import { exitCodes } from "./exit-code.ts";
import { printLines, printMessage } from "./print.ts";

interface HealthOptions {
  readonly service?: string;
}

/** Adds `health`. */
export const addHealth: AddCommand = (parent, cli) => {
  parent
    .command("health")
    .description(
      "Ask a server whether it serves (grpc.health.v1). Needs no credential. Ends with 0 when it does, else with 4.",
    )
    .option("--service <name>", "one service instead of the server as a whole", filledArgument)
    .addHelpText(
      "after",
      examples(
        ["is the server ready?", "fleetgate health"],
        ["of one service", "fleetgate health --service fleetgate.acl.v1.AclService"],
      ),
    )
    .action(
      cli.action(async (options: HealthOptions) => {
        const service = options.service ?? "";
        const response = await withConnection(cli, (connection) =>
          connection
            .client(Health)
            .check({ service })
            .catch((error: unknown) => {
              throw service === "" ? error : explainUnknownService(error, service);
            }),
        );
        if (cli.globals().json) printMessage(cli.io, HealthCheckResponseSchema, response);
        else printLines(cli.io, statusName(response.status));
        return response.status === ServingStatus.SERVING ? exitCodes.ok : exitCodes.failed;
      }),
    );
};

/** The health service has no reasons: an unknown service is all that NOT_FOUND means there. */
function explainUnknownService(error: unknown, service: string): unknown {
  if (!(error instanceof ConnectError) || error.code !== Code.NotFound) return error;
  return new CliError(`the server has no service ${JSON.stringify(service)}`, {
    exitCode: exitCodes.failed,
    hint: "write it in full, such as fleetgate.acl.v1.AclService, or leave --service out to ask about the server as a whole",
    status: toStatus(error),
    cause: error,
  });
}

function statusName(status: number): string {
  const found = Object.entries(ServingStatus).find(([, value]) => value === status);
  return found?.[0] ?? String(status);
}
