import { setTimeout as sleep } from "node:timers/promises";
import {
  ClaimService,
  PresentClaimResponseSchema,
  type PresentClaimResponse,
} from "../../gen/fleetgate/credential/v1/claim_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { mayBeLost, waitForGate, wordsOf } from "../ask-with-nonce.ts";
import { checkHeaderFile } from "../check-header-file.ts";
import { CliError } from "../cli-error.ts";
import { examples, type AddCommand, type Cli } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { formatTime } from "../format-time.ts";
import { nonceOf } from "../nonce-file.ts";
import { plain, printNotes } from "../print.ts";
import { askForSecrets, placeOfNonce, repeatedTokenFileOption } from "../secret-files.ts";
import { facts } from "../show.ts";
import { showToken } from "../show-token.ts";

interface PresentOptions {
  readonly tokenFile?: string;
  readonly nonceFile?: string;
}

/** Adds `claim present`. */
export const addClaimPresent: AddCommand = (parent, cli) => {
  parent
    .command("present")
    .argument("<job>", "its id", filledArgument)
    .description(
      "Take a job, and show the token of its task once. For the worker, with the token of the claim, which --header-file names. Asks again by itself, as the same worker, for up to 60s when the answer was lost or the server is not there. Ends with 0 when it is this worker's, with 1 when it is refused.",
    )
    .addOption(repeatedTokenFileOption())
    .option(
      "--nonce-file <file>",
      "keep there what tells this worker from others, so that it may ask again after it was restarted",
      filledArgument,
    )
    .addHelpText(
      "after",
      examples(
        [
          "what a worker does first",
          "fleetgate claim present build-7 --header-file claim.token --token-file task.token",
        ],
        [
          "one that may be restarted, of a server that makes its certificate itself",
          "fleetgate claim present build-7 --header-file claim.token --token-file task.token --nonce-file nonce --tls-fingerprint sha256:6b0c...",
        ],
      ),
    )
    .action(
      cli.action(async (jobId: string, { tokenFile, nonceFile }: PresentOptions) => {
        checkHeaderFile(cli, "the token of the claim");
        const nonce = nonceOf(nonceFile);
        const response = await askForSecrets(
          // With the same nonce there is another token, and the one before is dead.
          [{ path: tokenFile, ...placeOfNonce(nonceFile) }],
          () => present(cli, jobId, nonce),
          ({ token }) => [token],
        );
        showTask(cli, jobId, response, tokenFile);
        return exitCodes.ok;
      }),
    );
};

/** As long as the server takes the same nonce for the same worker. */
const patienceMs = 60_000;
const firstPauseMs = 300;
const longestPauseMs = 5000;

async function present(cli: Cli, jobId: string, nonce: string): Promise<PresentClaimResponse> {
  let end = performance.now() + patienceMs;
  let mayBeDone = false;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const globals = cli.globals();
    const timeout = Math.min(globals.timeout, Math.max(1, Math.ceil(end - performance.now())));
    try {
      return await withConnection(
        { ...cli, globals: () => ({ ...globals, timeout }) },
        (connection) => connection.client(ClaimService).presentClaim({ jobId, nonce }),
      );
    } catch (error) {
      if (isRefusal(error)) throw refused(error, jobId);
      const began = performance.now();
      if (mayBeDone && (await waitForGate(cli, error))) {
        // For the server the time stands still as well.
        end += performance.now() - began;
        continue;
      }
      mayBeDone = true;
      if (!mayBeLost(error) || performance.now() + pauseMs >= end) throw error;
      if (pauseMs === firstPauseMs) printNotes(cli.io, `asking again: ${wordsOf(error)}`);
    }
    await sleep(pauseMs);
  }
}

function isRefusal(error: unknown): error is CliError {
  return error instanceof CliError && error.reason === "CREDENTIAL_REQUIRED";
}

// The server does not say which it was, on purpose.
function refused(cause: CliError, jobId: string): CliError {
  const { status, reason } = cause;
  return new CliError(`job ${jobId} is not for this worker`, {
    exitCode: exitCodes.denied,
    ...{ status, reason, cause },
    hint: "another worker was first, the claim is over, or its token is not that of this job: `fleetgate claim get` tells its opener which",
  });
}

function showTask(
  cli: Cli,
  jobId: string,
  response: PresentClaimResponse,
  tokenFile: string | undefined,
): void {
  const { token, credentialId, taskUid, payload, deadline } = response;
  showToken(cli, {
    schema: PresentClaimResponseSchema,
    response,
    token: tokenFile === undefined ? token : "",
    about: [
      `job ${plain(jobId)} is this worker's`,
      ...facts(
        ["deadline", formatTime(deadline, "-")],
        ["payload", plain(payload)],
        ["uid of the task", taskUid],
        ["token", plain(credentialId)],
      ),
    ],
    files: [tokenFile],
    strip: (copy) => {
      if (tokenFile !== undefined) copy.token = "";
    },
  });
}
