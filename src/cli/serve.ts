import { examples, type AddCommand } from "./cli.ts";
import { exitCodes } from "./exit-code.ts";

/** Adds `serve`. */
export const addServe: AddCommand = (parent, cli) => {
  parent
    .command("serve")
    .description("Run a server.")
    .addHelpText(
      "after",
      examples(["on an embedded database", "fleetgate serve --embedded .fleetgate"]),
    )
    .action(cli.action(() => exitCodes.failed));
};
