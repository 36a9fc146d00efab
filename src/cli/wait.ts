import { InvalidArgumentError, Option } from "commander";
import { filledArgument } from "./arguments.ts";
import { CliError } from "./cli-error.ts";
import { examples, type AddCommand, type Cli } from "./cli.ts";
import { parseEndpoint } from "./connection.ts";
import { exitCodes, type ExitCode } from "./exit-code.ts";
import { plain, printLines } from "./print.ts";
import { waitForEndpoint, type Reached } from "./wait-for-endpoint.ts";

interface WaitOptions {
  readonly endpoints: readonly string[];
}

/** Adds `wait`. */
export const addWait: AddCommand = (parent, cli) => {
  parent
    .command("wait")
    .argument("<token>", "a revision token, as every write and read prints it", filledArgument)
    .description(
      "Wait until every server answers at a revision token or later: from then on nobody gets an answer from before the change. Ends with 0 then, and with 4 when --timeout is over first. Any credential will do that may check.",
    )
    .addOption(
      new Option("--endpoints <urls>", "the servers, commas between; repeatable")
        .argParser(endpointsArgument)
        .default([], "the one of --endpoint"),
    )
    .addHelpText(
      "after",
      examples(
        [
          "until both servers have a change",
          "fleetgate wait AQ3f0c --endpoints http://127.0.0.1:8080,http://127.0.0.1:8081",
        ],
        [
          "add somebody, and go on when it is true everywhere",
          "fleetgate wait $(fleetgate group add linux-devs user:bob@example.com --json | jq -r .revisionToken)",
        ],
      ),
    )
    .action(cli.action((token: string, options: WaitOptions) => wait(cli, token, options)));
};

function endpointsArgument(text: string, before: readonly string[]): readonly string[] {
  const urls = text.split(",").map((url) => url.trim());
  if (urls.includes("")) throw new InvalidArgumentError("It must be URLs with commas between.");
  return [...before, ...urls];
}

async function wait(cli: Cli, token: string, options: WaitOptions): Promise<ExitCode> {
  const { json, timeout } = cli.globals();
  const named = new Set(
    options.endpoints.map((text) => parseEndpoint(text, "--endpoints").href.replace(/\/$/, "")),
  );
  // Undefined: the one of the global options.
  const endpoints = named.size === 0 ? [undefined] : [...named];
  const quiet = sayOnce(cli);
  const deadlineMs = performance.now() + timeout;
  const ended = new AbortController();
  const outcomes = await Promise.allSettled(
    endpoints.map(async (endpoint) => {
      const reached = await waitForEndpoint(quiet, endpoint, {
        token,
        deadlineMs,
        signal: ended.signal,
      }).catch((error: unknown) => {
        // What no time will mend ends the whole wait.
        ended.abort();
        throw error;
      });
      if (reached.kind === "reached" && !json) {
        printLines(cli.io, `${plain(reached.endpoint)}: reached`);
      }
      return reached;
    }),
  );
  const results: Reached[] = [];
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") throw outcome.reason;
    results.push(outcome.value);
  }
  const late = results.flatMap((result) => (result.kind === "late" ? [result] : []));
  if (late.length > 0) throw lateError(late, results.length, timeout);
  if (json) {
    const reached = results.map(({ endpoint }) => endpoint);
    printLines(cli.io, JSON.stringify({ reached }, undefined, 2));
  }
  return exitCodes.ok;
}

function lateError(
  late: readonly Extract<Reached, { kind: "late" }>[],
  total: number,
  timeoutMs: number,
): CliError {
  const lines = late.map(({ endpoint, why }) => `${endpoint}: ${why}`);
  const head = `${late.length} of ${total} servers did not reach the revision token within ${timeoutMs} ms`;
  return new CliError([head, ...lines].join("\n"), {
    exitCode: exitCodes.failed,
    reason: "FRESHNESS_NOT_REACHED",
    hint: "give them more time with --timeout; `fleetgate health --endpoint URL` asks one how it is",
  });
}

/** The same for each of many connections: a warning about their common options is said once. */
function sayOnce(cli: Cli): Cli {
  const said = new Set<string>();
  const stderr = {
    write: (text: string) => {
      if (said.has(text)) return;
      said.add(text);
      cli.io.stderr.write(text);
    },
  };
  return { ...cli, io: { ...cli.io, stderr } };
}
