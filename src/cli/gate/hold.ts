import { hostname } from "node:os";
import { setTimeout } from "node:timers/promises";
import { Option } from "commander";
import {
  GateAreaSchema,
  type GateArea,
} from "../../gen/fleetgate/credential/v1/gate_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { CliError } from "../cli-error.ts";
import { examples, type AddCommand, type Cli } from "../cli.ts";
import { wordOf } from "../enum-words.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { plain, printNotes } from "../print.ts";
import { areaArgument } from "./area-argument.ts";
import { heldGate, type HeldGate } from "./held-gate.ts";
import { keepLease, retryMs, type LeaseClock, type LeaseEvents } from "./keep-lease.ts";
import { runChild, type Child } from "./run-child.ts";

interface HoldOptions {
  readonly holder?: string;
  readonly reason?: string;
  readonly exclusive?: boolean;
  readonly onLost: "warn" | "kill";
}

/** Adds `gate hold`. */
export const addGateHold: AddCommand = (parent, cli) => {
  parent
    .command("hold")
    .addArgument(areaArgument())
    .argument("[command...]", "what to run meanwhile, after --; none: hold until interrupted")
    .description(
      "Close a gate, run a command once every replica keeps it closed, renew it meanwhile, and open it afterwards. Ends with the exit code of the command, or with 4 when the gate could not be had: then the command is not run. For administrators.",
    )
    .option("--reason <text>", "why, for those who find it closed")
    .option("--exclusive", "only if nobody else holds what it closes, and keep others out")
    .option(
      "--holder <holder>",
      "who holds it (default: the name of this machine and the id of this process)",
      filledArgument,
    )
    .addOption(
      new Option("--on-lost <what>", "what to do when it is open again although it should not be")
        .choices(["warn", "kill"])
        .default("warn"),
    )
    .addHelpText(
      "after",
      examples(
        [
          "migrate while nothing new begins, whatever else goes on",
          'fleetgate gate hold issue --reason "new index" -- fleetgate migrate',
        ],
        [
          "nobody else's migration meanwhile, and rather none than one with an open gate",
          "fleetgate gate hold all --exclusive --on-lost kill -- psql --file rewrite.sql",
        ],
        ["until Ctrl-C", 'fleetgate gate hold fleet --reason "looking at locks"'],
      ),
    )
    .action(
      cli.action((area: GateArea, command: readonly string[], options: HoldOptions) => {
        const { holder = usualHolder(), reason = "", exclusive = false } = options;
        const gate = heldGate(cli, { area, holder, reason, exclusive });
        const name = `the gate of area ${wordOf(GateAreaSchema, area)}, held by ${plain(holder)},`;
        return hold(cli, { gate, name, command, onLost: options.onLost });
      }),
    );
};

interface ToHold {
  readonly gate: HeldGate;
  /** For people. */
  readonly name: string;
  readonly command: readonly string[];
  readonly onLost: "warn" | "kill";
}

// The longest that a timer of Node runs, some 24 days.
const forever = 2 ** 31 - 1;

const clock: LeaseClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => undefined),
};

async function hold(cli: Cli, { gate, name, command, onLost }: ToHold): Promise<ExitCode> {
  const stopping = new AbortController();
  const stopped = cli.io.stopSignal().then((signal) => {
    stopping.abort();
    return signal;
  });
  const done = new AbortController();
  const askedAt = clock.now();
  const delayMs = await gate.acquire();
  let child: Child | undefined;
  const lease = { isGivenUp: false };
  const events: LeaseEvents = {
    onFailure: (error) => say(cli, `${name} could not be renewed; trying again: ${why(error)}`),
    onLost: (error) => {
      say(cli, `WARNING: ${name} IS LOST, and others come through: ${why(error)}`);
      if (onLost === "warn") return;
      lease.isGivenUp = true;
      child?.end("SIGTERM");
      stopping.abort();
    },
    onRegained: () => say(cli, `${name} is closed again`),
  };
  const kept = keepLease(gate, events, clock, askedAt, done.signal);
  try {
    say(cli, `${name} is closed; it is in force everywhere in ${(delayMs / 1000).toFixed(1)} s`);
    // As long as the lease is kept the process goes on.
    await clock.sleep(command.length === 0 ? forever : delayMs, stopping.signal);
    if (command.length === 0 && !lease.isGivenUp) return exitCodes.ok;
    if (stopping.signal.aborted) {
      const what = lease.isGivenUp ? "the gate is lost" : "interrupted before the command was run";
      throw new CliError(what, { exitCode: exitCodes.failed });
    }
    const running = runChild(command);
    child = running;
    void stopped.then((signal) => {
      say(
        cli,
        `${signal}: waiting for the command to end; another one ends this at once, and then the gate opens by itself within a minute`,
      );
      // A terminal has told the command already.
      if (signal === "SIGTERM" || !process.stdin.isTTY) running.end(signal);
    });
    return await running.ended;
  } finally {
    done.abort();
    await kept;
    await release(cli, gate, name);
  }
}

/** Gives the gate up. What the command came to counts all the same when that fails: the gate opens by itself. */
async function release(cli: Cli, gate: HeldGate, name: string): Promise<void> {
  for (let left = 2; ; left -= 1) {
    try {
      await gate.release();
      say(cli, `${name} is open`);
      return;
    } catch (error) {
      if (left === 0) {
        say(cli, `${name} could not be released; it opens by itself in a minute: ${why(error)}`);
        return;
      }
      await setTimeout(retryMs);
    }
  }
}

function say(cli: Cli, text: string): void {
  printNotes(cli.io, text);
}

function why(error: unknown): string {
  return error instanceof Error ? error.message : "for no reason that is known";
}

/** The name of this machine and the id of this process, in the characters of a holder. */
function usualHolder(): string {
  const host = hostname().replaceAll(/[^0-9A-Za-z_.:@/-]/g, "-");
  return `${host.slice(0, 100)}-${process.pid}`;
}
