import { spawn } from "node:child_process";
import { globalSetup, globalTeardown } from "./global-setup.ts";

// `node test/support/with-databases.ts COMMAND …`: runs a command with the databases of the tests at hand.
// It stands in for `--test-global-setup`, which the oldest Node of `engines` does not have.

const [command, ...rest] = process.argv.slice(2);
if (command === undefined) {
  console.error("usage: node test/support/with-databases.ts COMMAND [ARGUMENT …]");
  process.exit(2);
}

await globalSetup();
try {
  process.exitCode = await run(command, rest);
} finally {
  await globalTeardown();
}

/** Runs it to its end, with the terminal of this process, and gives its exit code (1 when a signal ended it). */
function run(name: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
