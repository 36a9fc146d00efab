import { Command, Option } from "commander";
import { addAcceptRestore } from "./accept-restore.ts";
import { filledArgument, timeoutArgument } from "./arguments.ts";
import { addBot } from "./bot/bot.ts";
import { addCheck } from "./check/check.ts";
import type { Cli } from "./cli.ts";
import { addConfig } from "./config/config.ts";
import { addCredential } from "./credential/credential.ts";
import { defaultEndpoint } from "./connection.ts";
import { addExplain } from "./explain/explain.ts";
import { addGroup } from "./group/group.ts";
import { addHealth } from "./health.ts";
import { addHelp } from "./help.ts";
import { addIdentify } from "./identify/identify.ts";
import { addImport } from "./import/import.ts";
import { addInspect } from "./inspect/inspect.ts";
import { addKey } from "./key/key.ts";
import { addLog } from "./log/log.ts";
import { addMigrate } from "./migrate.ts";
import { addRevert } from "./revert.ts";
import { addServe } from "./serve.ts";
import { addSession } from "./session/session.ts";
import { addTask } from "./task/task.ts";
import { addUrl } from "./url/url.ts";
import { addVersion, readVersion } from "./version.ts";
import { addWait } from "./wait.ts";

const exitCodeHelp = `
Exit codes:
  0  yes, or done
  1  denied: the check was made and the answer is no; of config test: a case failed; of
     identify and url verify: it is refused; of task renew: a hold is lost
  2  the command line, or a file that it names, is wrong
  3  the configuration has errors
  4  it failed, or the check could not be made`;

/** Creates the whole command line. It throws CommanderError where commander would end the process. */
export function createProgram(cli: Cli): Command {
  const program = new Command("fleetgate")
    .description("Access control for fleets of build and test machines.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => cli.io.stdout.write(text),
      writeErr: (text) => cli.io.stderr.write(text),
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({
      showGlobalOptions: true,
      // In a list of commands the first sentence is enough.
      subcommandDescription: (command) => command.description().replace(/(?<=\w[.])\s[^]*$/, ""),
    })
    .showHelpAfterError("Add --help for what it takes and for examples.")
    .addHelpText("after", exitCodeHelp);
  addGlobalOptions(program);
  addServe(program, cli);
  addMigrate(program, cli);
  addAcceptRestore(program, cli);
  addConfig(program, cli);
  addCheck(program, cli);
  addExplain(program, cli);
  addInspect(program, cli);
  addGroup(program, cli);
  addLog(program, cli);
  addRevert(program, cli);
  addWait(program, cli);
  addKey(program, cli);
  addBot(program, cli);
  addSession(program, cli);
  addTask(program, cli);
  addIdentify(program, cli);
  addUrl(program, cli);
  addCredential(program, cli);
  addHealth(program, cli);
  addImport(program, cli);
  addVersion(program, cli);
  addHelp(program, cli);
  return program;
}

function addGlobalOptions(program: Command): void {
  // Only long flags: an argument may begin with "-" and a letter, as ids of API keys do.
  program
    .version(readVersion(), "--version", "print the release")
    .option(
      "--endpoint <url>",
      `the server (default: $FLEETGATE_ENDPOINT, else ${defaultEndpoint})`,
      filledArgument,
    )
    .option(
      "--header-file <file>",
      "headers to send, one `Name: value` a line; this is where a credential goes (default: $FLEETGATE_HEADER_FILE)",
      filledArgument,
    )
    .option(
      "--ca-file <file>",
      "certificate authorities to trust instead of the usual ones, PEM",
      filledArgument,
    )
    .option(
      "--client-cert-file <file>",
      "client certificate to prove oneself with, PEM; wants its key and https:// (default: $FLEETGATE_CLIENT_CERT_FILE)",
      filledArgument,
    )
    .option(
      "--client-key-file <file>",
      "the key of the client certificate, PEM (default: $FLEETGATE_CLIENT_KEY_FILE)",
      filledArgument,
    )
    .addOption(
      new Option("--timeout <duration>", "how long a call may take, e.g. 500ms, 30s, 5m")
        .argParser(timeoutArgument)
        .default(30_000, "30s"),
    )
    .option("--json", "print protobuf JSON, of errors too, for programs");
}
