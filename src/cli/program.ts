import { Command, Help, Option } from "commander";
import { filledArgument, timeoutArgument } from "./arguments.ts";
import type { Cli } from "./cli.ts";
import { commands } from "./commands.ts";
import { defaultEndpoint } from "./default-endpoint.ts";
import { readVersion } from "./version.ts";

const exitCodeHelp = `
Exit codes:
  0  yes, or done
  1  denied: the check was made and the answer is no; of config test: a case failed; of
     identify and url verify: it is refused; of task renew: a hold is lost; of claim present: the
     job is not for this worker; of claim watch: a claim ended otherwise
  2  the command line, or a file that it names, is wrong
  3  the configuration has errors
  4  it failed, or the check could not be made
  gate hold ends as the command ends that it runs`;

/**
 * Creates what reads a command line: of the commands the one that `argv` names, and all of them when it names none, or
 * one that there is not. It throws CommanderError where commander would end the process.
 */
export async function createProgram(cli: Cli, argv: readonly string[]): Promise<Command> {
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
      optionDescription: (option) =>
        `${new Help().optionDescription(option)}${option.mandatory ? "; required" : ""}`,
      // In a list of commands the first sentence is enough.
      subcommandDescription: (command) => command.description().replace(/(?<=\w[.])\s[^]*$/, ""),
    })
    .showHelpAfterError("Add --help for what it takes and for examples.")
    .addHelpText("after", exitCodeHelp);
  addGlobalOptions(program);
  for (const load of namedCommands(program, argv)) (await load())(program, cli);
  return program;
}

/** The loaders of the commands that may be meant. */
function namedCommands(program: Command, argv: readonly string[]) {
  const name = whatIsAsked(program, argv) ?? "";
  const named = commands.get(name);
  // Help speaks of the others.
  return named === undefined || name === "help" ? commands.values() : [named];
}

/** The first word of a command line that is neither a global option nor the value of one; `--version` stands for its command. */
function whatIsAsked(program: Command, argv: readonly string[]): string | undefined {
  for (let i = 0; i < argv.length; i += 1) {
    const word = argv[i] ?? "";
    if (!word.startsWith("-")) return word;
    if (word === "--version") return "version";
    if (program.options.some(({ long, required }) => required && long === word)) i += 1;
  }
  return undefined;
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
      "--tls-fingerprint <fingerprint>",
      "sha256:... of the certificate that the server must show, whoever vouches for it; wants https:// (default: $FLEETGATE_TLS_FINGERPRINT)",
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
