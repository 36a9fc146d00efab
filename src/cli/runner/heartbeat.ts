import { toJson } from "@bufbuild/protobuf";
import { durationMs, type Duration } from "@bufbuild/protobuf/wkt";
import { setTimeout } from "node:timers/promises";
import {
  HeartbeatResponseSchema,
  RunnerService,
  type HeartbeatResponse,
} from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import { mayBeLost } from "../ask-with-nonce.ts";
import { examples, type AddCommand, type Cli } from "../cli.ts";
import { CliError } from "../cli-error.ts";
import { closedGateMs } from "../closed-gate.ts";
import { withConnection } from "../connection.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { formatTime } from "../format-time.ts";
import { printLines, printNotes } from "../print.ts";
import { show } from "../show.ts";
import { formatPaused } from "./format-runner.ts";
import { infoField, withInfoOptions, type InfoOptions } from "./info-options.ts";

interface HeartbeatOptions extends InfoOptions {
  readonly ready?: boolean;
  readonly every?: boolean;
}

/** Adds `runner heartbeat`. */
export const addRunnerHeartbeat: AddCommand = (parent, cli) => {
  const command = parent
    .command("heartbeat")
    .description(
      "Say that this machine lives. For who has a runner token, which --header-file names. What else the options say of the machine takes the place of what it said before.",
    )
    .option(
      "--ready",
      "it is ready for work; until one that says so was heard, it is listed as never_contacted",
    )
    .option("--every", "go on, as often as the server wants to hear it, until interrupted");
  withInfoOptions(command)
    .addHelpText(
      "after",
      examples(
        ["once", "fleetgate runner heartbeat --header-file runner.token"],
        [
          "beside the runner program; it follows the file when the token is rotated",
          "fleetgate runner heartbeat --ready --every --header-file runner.token",
        ],
      ),
    )
    .action(
      cli.action((options: HeartbeatOptions) =>
        options.every === true ? beatOn(cli, options) : beatOnce(cli, options),
      ),
    );
};

async function beatOnce(cli: Cli, options: HeartbeatOptions): Promise<ExitCode> {
  await beat(cli, options);
  return exitCodes.ok;
}

/** When to try again after a call that failed, unless the server says when. */
const pauseMs = 10_000;

/** When to beat again if the server does not say. */
const usualMs = 60_000;

/** Beats until it is stopped. Ends with the error when the server has an answer that no time will mend. */
async function beatOn(cli: Cli, options: HeartbeatOptions): Promise<ExitCode> {
  const stopped = new AbortController();
  void cli.io.stopSignal().then(() => {
    stopped.abort();
  });
  while (!stopped.signal.aborted) {
    const waitMs = await beat(cli, options).then(
      ({ nextIn }) => untilNext(nextIn),
      (error: unknown) => afterFailure(cli, error),
    );
    await setTimeout(waitMs, undefined, { signal: stopped.signal }).catch(() => undefined);
  }
  return exitCodes.ok;
}

async function beat(cli: Cli, options: HeartbeatOptions): Promise<HeartbeatResponse> {
  const { ready = false, every = false } = options;
  const response = await withConnection(cli, (connection) =>
    connection.client(RunnerService).heartbeat({ ready, ...infoField(options) }),
  );
  const next = `next in ${Math.round(untilNext(response.nextIn) / 1000)} s`;
  const life = `the token expires ${formatTime(response.expiresAt, "never")}`;
  if (every && cli.globals().json) {
    printLines(cli.io, JSON.stringify(toJson(HeartbeatResponseSchema, response)));
  } else {
    show(cli, HeartbeatResponseSchema, response, [`${formatPaused(response)}; ${next}; ${life}`]);
  }
  return response;
}

function untilNext(nextIn: Duration | undefined): number {
  const ms = nextIn === undefined ? 0 : durationMs(nextIn);
  return ms > 0 ? ms : usualMs;
}

/** How long to wait when nobody knows whether the server has heard it, or it hears nobody for a while; throws any other answer. */
function afterFailure(cli: Cli, error: unknown): number {
  if (!(error instanceof CliError)) throw error;
  // A server that just started looks every token up, and many may wait.
  const isBusy = error.reason === "TOO_MANY_ATTEMPTS";
  const closedMs = closedGateMs(error);
  if (closedMs === undefined && !isBusy && !mayBeLost(error)) throw error;
  printNotes(cli.io, `not heard: ${error.message}`);
  return closedMs ?? pauseMs;
}
