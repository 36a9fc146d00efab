import { readRelease } from "../server/release.ts";
import { examples, type AddCommand } from "./cli.ts";
import { exitCodes } from "./exit-code.ts";
import { printLines } from "./print.ts";

/** The release, as package.json says. */
export function readVersion(): string {
  return readRelease();
}

/** Adds `version`. */
export const addVersion: AddCommand = (parent, cli) => {
  parent
    .command("version")
    .description("Print the release of this command.")
    .addHelpText("after", examples(["which release is this?", "fleetgate version"]))
    .action(
      cli.action(() => {
        const version = readVersion();
        const { json } = cli.globals();
        printLines(cli.io, json ? JSON.stringify({ version }, undefined, 2) : version);
        return exitCodes.ok;
      }),
    );
};
