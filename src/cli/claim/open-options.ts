import { Option, type Command } from "commander";
import { durationArgument, filledArgument } from "../arguments.ts";
import { tokenFileOption } from "../secret-files.ts";

/** What is said of a claim that is opened, be it in the place of another one. */
export interface OpeningOptions {
  /** Milliseconds. */
  readonly ttl?: number;
  readonly executor?: string;
  readonly claim?: string;
  readonly tokenFile?: string;
}

/** Adds the options of OpeningOptions. */
export function withOpeningOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--ttl <duration>",
        "until when a worker must have presented it, 1s to 24h (default: 10m)",
      ).argParser(durationArgument),
    )
    .option(
      "--executor <text>",
      "what is to be said of the executor, e.g. its id; no secret",
      filledArgument,
    )
    .option(
      "--claim <uuid>",
      "the id of the claim; the same one makes a repetition harmless (default: a new one)",
      filledArgument,
    )
    .addOption(tokenFileOption());
}
