import type { AddCommand } from "../cli.ts";
import { addImportLuci } from "./luci.ts";

/** Adds `import` and its commands. */
export const addImport: AddCommand = (parent, cli) => {
  const command = parent
    .command("import")
    .description("Turn the configuration of other systems into ours.");
  addImportLuci(command, cli);
};
