import { resolve } from "node:path";

/** The file of the command line for `node` to run: the bundle that all tests share, or else the source. */
export const cliFile =
  process.env["FLEETGATE_TEST_CLI"] ?? resolve(import.meta.dirname, "../../src/cli/main.ts");
