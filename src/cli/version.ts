import { readFileSync } from "node:fs";
import { examples, type AddCommand } from "./cli.ts";
import { exitCodes } from "./exit-code.ts";
import { printLines } from "./print.ts";

/** The release, as package.json says. */
export function readVersion(): string {
  // src/cli and dist/cli are equally deep.
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
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
