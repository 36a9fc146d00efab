import { bearer } from "../../rpc/support/bench.ts";
import { askers, type Asker } from "../../rpc/inspect/support/inspect-world.ts";
import { runCli, type CliResult } from "./run-cli.ts";
import { makeFolder } from "./temp-folder.ts";

const headerFiles = makeFolder(
  Object.fromEntries(
    Object.entries(askers).map(([name, { token }]) => [
      name,
      `authorization: ${bearer(token)["authorization"] ?? ""}\n`,
    ]),
  ),
);

/** Runs a command with the key of an asker against a server. */
export function runAs(asker: Asker, endpoint: string, args: readonly string[]): Promise<CliResult> {
  const options = ["--endpoint", endpoint, "--header-file", `${headerFiles}/${asker}`];
  return runCli([...args, ...options]);
}
