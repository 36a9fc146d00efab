import { Option, type Command } from "commander";
import { Trust, TrustSchema } from "../../gen/fleetgate/credential/v1/subject_pb.ts";
import { durationArgument, filledArgument, repeatableOption } from "../arguments.ts";
import { enumArgument } from "../enum-words.ts";
import { tokenFileOption } from "../secret-files.ts";

/** The options of `task register`. */
export interface RegisterOptions {
  readonly realm: string;
  /** Milliseconds. */
  readonly timeLimit?: number;
  readonly hold?: string;
  /** Milliseconds. */
  readonly lease?: number;
  readonly permission: readonly string[];
  readonly audience: readonly string[];
  readonly trust: Trust;
  readonly ref?: string;
  readonly defaultRef?: string;
  readonly delegatedUser?: string;
  readonly dependency: readonly string[];
  readonly pool?: string;
  readonly bot?: string;
  readonly suppliedTokenFile?: string;
  readonly awaitingAck?: boolean;
  readonly tokenFile?: string;
}

/** Adds the options of RegisterOptions. */
export function withRegisterOptions(command: Command): Command {
  return command
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
    )
    .addOption(
      repeatableOption("--permission <permission>", "what its token may be used for at most"),
    )
    .addOption(
      repeatableOption(
        "--audience <service>",
        "only for this service; `fleetgate` is the server itself",
      ),
    )
    .addOption(
      new Option("--trust <trust>", "whose code it executes: trusted or untrusted")
        .argParser(enumArgument(TrustSchema))
        .default(Trust.UNTRUSTED, "untrusted"),
    )
    .option("--ref <ref>", "its ref, e.g. refs/heads/main", filledArgument)
    .option("--default-ref <ref>", "the default ref, which it may read too", filledArgument)
    .option("--delegated-user <identity>", "on behalf of which user, user:...", filledArgument)
    .addOption(
      repeatableOption("--dependency <task>", "a task whose published results it may read"),
    )
    .option("--pool <pool>", "its pool", filledArgument)
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
    .option("--awaiting-ack", "it only begins when task state says running")
    .addOption(tokenFileOption().conflicts("suppliedTokenFile"));
}
