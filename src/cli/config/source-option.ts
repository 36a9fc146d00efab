import { Option } from "commander";
import { defaultSource } from "../../domain/names.ts";
import { filledArgument } from "../arguments.ts";

/** The option `--source`. */
export function sourceOption(): Option {
  return new Option(
    "--source <name>",
    "the source that manages what the files hold; other sources are left alone",
  )
    .argParser(filledArgument)
    .default(defaultSource);
}
