import { Code } from "@connectrpc/connect";
import {
  ExplainResponseSchema,
  InspectService,
  type ExplainResponse,
} from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { freshness, type FreshnessOptions } from "../check/check-options.ts";
import type { CheckInput } from "../check/question.ts";
import { CliError } from "../cli-error.ts";
import type { Cli } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { statusRegistry } from "../error-status.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { plain, printLines, printMessage, printNotes } from "../print.ts";
import { formatExplanation } from "./format-explanation.ts";

/** Asks why a check is answered as it is, and prints the answer and its reasons. */
export async function why(
  cli: Cli,
  check: CheckInput,
  options: FreshnessOptions,
): Promise<ExitCode> {
  const response = await withConnection(cli, (connection) =>
    connection.client(InspectService).explain({ check, ...freshness(options) }),
  );
  const exitCode = decisionOf(response);
  if (cli.globals().json) {
    printMessage(cli.io, ExplainResponseSchema, response, { registry: statusRegistry });
  } else {
    printLines(cli.io, ...headline(check, response));
    const { explanation } = response;
    if (explanation === undefined) {
      printNotes(cli.io, "the server does not tell you why: you are no reader");
    } else {
      printLines(cli.io, ...formatExplanation(explanation, { ...response, check }));
      if (explanation.redacted) {
        printNotes(cli.io, "parts are left out that only readers see");
      }
    }
  }
  return exitCode;
}

/** What the check came to; a filter always comes to yes. Anything else is no decision, and an error. */
function decisionOf({ outcome }: ExplainResponse): ExitCode {
  if (outcome?.code === 0) return exitCodes.ok;
  if (outcome?.code === Code.PermissionDenied) return exitCodes.denied;
  throw new CliError("the server answered without a decision", { exitCode: exitCodes.failed });
}

function headline(check: CheckInput, response: ExplainResponse): readonly string[] {
  const { outcome, explanation, pools } = response;
  const at = explanation === undefined ? "" : `  (revision ${explanation.revision})`;
  if (outcome?.code !== 0) return [`denied${at}`, `  ${plain(outcome?.message ?? "")}`];
  if (check.case !== "filterPools") return [`permitted${at}`];
  return [
    `${pools.length} of ${check.value.pools.length} left${at}`,
    ...pools.map((pool) => `  ${plain(pool)}`),
  ];
}
