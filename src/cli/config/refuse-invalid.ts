import { Code, ConnectError, type Client } from "@connectrpc/connect";
import type { ConfigService } from "../../gen/fleetgate/admin/v1/config_service_pb.ts";
import type { Cli } from "../cli.ts";
import { findErrorInfo, toStatus } from "../error-status.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { printNotes } from "../print.ts";
import { printStatus } from "../print-status.ts";
import { toConfigFiles } from "./config-file.ts";
import { countProblems, formatProblem, isError } from "./problems.ts";
import type { ConfigText } from "./read-config-files.ts";

/**
 * Shows why an Apply was refused. The error of an invalid configuration names only the first problem, so all of
 * them are asked for; any other error is thrown again.
 */
export async function refuseInvalid(
  cli: Cli,
  client: Client<typeof ConfigService>,
  texts: readonly ConfigText[],
  source: string,
  applyError: unknown,
  consequence: "not applied" | "not compared",
): Promise<ExitCode> {
  if (!isConfigInvalid(applyError)) throw applyError;
  const response = await client.validate({ source, files: toConfigFiles(texts) });
  // Another source changed in between: what Apply said is all there is to say.
  if (!response.problems.some(isError)) throw applyError;
  printNotes(
    cli.io,
    ...response.problems.flatMap(formatProblem),
    `${consequence}: ${countProblems(response.problems, texts.length)}`,
  );
  if (cli.globals().json) printStatus(cli.io, toStatus(applyError));
  return exitCodes.invalidConfiguration;
}

function isConfigInvalid(error: unknown): error is ConnectError {
  return (
    error instanceof ConnectError &&
    error.code === Code.InvalidArgument &&
    findErrorInfo(error)?.reason === "CONFIG_INVALID"
  );
}
