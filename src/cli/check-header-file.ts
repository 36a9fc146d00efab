import { usageError } from "./cli-error.ts";
import type { Cli } from "./cli.ts";
import { nonEmpty } from "./non-empty.ts";

/** Refuses a command that works by a credential of its own, `what`, when no header file is named: nothing needs to be asked then. */
export function checkHeaderFile(cli: Cli, what: string): void {
  if ((cli.globals().headerFile ?? nonEmpty(cli.io.env["FLEETGATE_HEADER_FILE"])) === undefined) {
    throw usageError(`name the file with ${what} with --header-file`);
  }
}
