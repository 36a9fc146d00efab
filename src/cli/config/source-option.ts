import { Option } from "commander";
import { filledArgument } from "../arguments.ts";

/** The source when the command line names none. */
export const defaultSource = "main";

/** The option `--source`. */
export function sourceOption(): Option {
  return new Option(
    "--source <name>",
    "the source that manages what the files hold; other sources are left alone",
  )
    .argParser(filledArgument)
    .default(defaultSource);
}
