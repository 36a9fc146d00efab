import { Option, type Command } from "commander";
import { Trust, TrustSchema } from "../../gen/fleetgate/credential/v1/subject_pb.ts";
import { filledArgument, repeatableOption } from "../arguments.ts";
import { enumArgument } from "../enum-words.ts";

/** The options that say what a task may do, whoever registers it. */
export interface TermsOptions {
  readonly permission: readonly string[];
  readonly audience: readonly string[];
  readonly trust: Trust;
  readonly ref?: string;
  readonly defaultRef?: string;
  readonly delegatedUser?: string;
  readonly dependency: readonly string[];
  readonly pool?: string;
  readonly awaitingAck?: boolean;
}

/** Adds the options of TermsOptions. */
export function withTermsOptions(command: Command): Command {
  return command
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
    .option("--awaiting-ack", "it only begins when task state says running");
}

/** Those options as the fields of a request. */
export function termsOf(options: TermsOptions) {
  return {
    permissions: [...options.permission],
    audiences: [...options.audience],
    trust: options.trust,
    ref: options.ref ?? "",
    defaultRef: options.defaultRef ?? "",
    delegatedUser: options.delegatedUser ?? "",
    dependencies: [...options.dependency],
    pool: options.pool ?? "",
    awaitingAck: options.awaitingAck === true,
  };
}
