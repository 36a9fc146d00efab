import type { Command } from "commander";
import { filledArgument } from "../arguments.ts";

/** What a grant is for. */
export interface TargetOptions {
  readonly purpose: string;
  readonly method: string;
  readonly resource: string;
}

/** Adds the options of TargetOptions. */
export function withTarget(command: Command): Command {
  return command
    .requiredOption("--purpose <word>", "what for, e.g. cache.download", filledArgument)
    .requiredOption("--method <method>", "the HTTP method, e.g. GET", filledArgument)
    .requiredOption(
      "--resource <text>",
      "what it is about, in the words of the service, e.g. cache/1234",
      filledArgument,
    );
}
