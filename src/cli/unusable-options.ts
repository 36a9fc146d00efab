import type { OptionsError } from "../server/options-error.ts";
import { usageError, type CliError } from "./cli-error.ts";

/** What is wrong with the options of a server, a line each, for who typed the command. */
export function unusableOptions({ problems }: OptionsError): CliError {
  return usageError(["the server options are not usable:", ...problems].join("\n"));
}
