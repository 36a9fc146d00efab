import type { Command } from "commander";
import { usageError } from "./cli-error.ts";
import { examples, type AddCommand } from "./cli.ts";
import { exitCodes } from "./exit-code.ts";
import { plain } from "./print.ts";

/** Adds `help`. That of commander looks at the first name only. */
export const addHelp: AddCommand = (parent, cli) => {
  parent
    .helpCommand(false)
    .command("help [command...]")
    .description("Show what a command takes, with examples.")
    .addHelpText("after", examples(["how does one check a pool?", "fleetgate help check pool"]))
    .action(
      cli.action((names: string[]) => {
        findCommand(parent, names).outputHelp();
        return exitCodes.ok;
      }),
    );
};

function findCommand(from: Command, names: readonly string[]): Command {
  let found = from;
  for (const name of names) {
    const next = found.commands.find((command) => command.name() === name);
    if (next === undefined) {
      throw usageError(
        `there is no command ${plain(names.join(" "))}`,
        "`fleetgate help` lists the commands",
      );
    }
    found = next;
  }
  return found;
}
