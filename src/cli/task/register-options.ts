import { Option, type Command } from "commander";
import { durationArgument, filledArgument } from "../arguments.ts";
import { tokenFileOption } from "../secret-files.ts";
import { withTermsOptions, type TermsOptions } from "./terms-options.ts";

/** The options of `task register`. */
export interface RegisterOptions extends TermsOptions {
  readonly realm: string;
  /** Milliseconds. */
  readonly timeLimit?: number;
  readonly hold?: string;
  /** Milliseconds. */
  readonly lease?: number;
  readonly bot?: string;
  readonly suppliedTokenFile?: string;
  readonly tokenFile?: string;
}

/** Adds the options of RegisterOptions. */
export function withRegisterOptions(command: Command): Command {
  command
    .requiredOption("--realm <realm>", "its realm, project:realm", filledArgument)
    .addOption(
      new Option(
        "--time-limit <duration>",
        "how long it may be executed, 1s to 30d; the first registration wants it",
      ).argParser(durationArgument),
    )
    .option(
      "--hold <uuid>",
      "the hold; the same one makes a repetition harmless (default: a new one)",
      filledArgument,
    )
    .addOption(
      new Option(
        "--lease <duration>",
        "how long the hold lives unless it is renewed, 10s to 1h (default: 90s)",
      ).argParser(durationArgument),
    );
  return withTermsOptions(command)
    .option(
      "--bot <bot>",
      "the bot that executes it (default: the bot whose token is sent)",
      filledArgument,
    )
    .option(
      "--supplied-token-file <file>",
      "the token that a forge made for it, instead of one of ours; - for standard input",
      filledArgument,
    )
    .addOption(tokenFileOption().conflicts("suppliedTokenFile"));
}
