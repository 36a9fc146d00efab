import { Option, type Command } from "commander";
import { durationArgument, filledArgument } from "../arguments.ts";
import { usageError } from "../cli-error.ts";
import { embeddedOption, optionsFileOption } from "../database.ts";

/** The options of `key create`. */
export interface CreateOptions {
  readonly identity?: string;
  readonly description: string;
  /** Milliseconds. */
  readonly ttl?: number;
  /** False: the key has none. */
  readonly expiry: boolean;
  readonly reason: string;
  readonly out?: string;
  readonly bootstrap?: boolean;
  readonly breakGlass?: boolean;
  readonly embedded?: string;
  /** The options file of the server. */
  readonly options?: string;
}

/** Adds the options of CreateOptions. */
export function withCreateOptions(command: Command): Command {
  return command
    .requiredOption(
      "--identity <identity>",
      "who its bearer will be, e.g. service:scheduler",
      filledArgument,
    )
    .addOption(new Option("--description <text>", "what it is for").default("", "none"))
    .addOption(
      new Option("--ttl <duration>", "how long it lives, 1m to 3650d (default: 90d)").argParser(
        durationArgument,
      ),
    )
    .addOption(new Option("--no-expiry", "it never ends by itself").conflicts("ttl"))
    .addOption(new Option("--reason <text>", "why, for the change log").default("", "none"))
    .option(
      "--out <file>",
      "write the header file there, mode 0600; must not exist",
      filledArgument,
    )
    .option(
      "--bootstrap",
      "make the identity an administrator, directly in the database of --embedded, --options or $DATABASE_URL",
    )
    .option(
      "--break-glass",
      "with --bootstrap: go on although there are administrators; wants --reason",
    )
    .addOption(embeddedOption())
    .addOption(optionsFileOption());
}

/** Refuses what goes with --bootstrap only, and breaking the glass without a reason. */
export function checkCreateOptions(options: CreateOptions): void {
  const { bootstrap = false, breakGlass = false, embedded, reason } = options;
  if (!bootstrap) {
    const hint = "without it the server makes the key";
    if (breakGlass) throw usageError("--break-glass goes with --bootstrap", hint);
    if (embedded !== undefined) throw usageError("--embedded goes with --bootstrap", hint);
    if (options.options !== undefined) throw usageError("--options goes with --bootstrap", hint);
  }
  if (breakGlass && reason === "") throw usageError("--break-glass wants a --reason");
}
