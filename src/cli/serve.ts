import { Option, type Command } from "commander";
import { optionFlag, optionNames, optionsTable, type OptionSpec } from "../server/options-table.ts";
import { filledArgument } from "./arguments.ts";
import { examples, type AddCommand } from "./cli.ts";
import { exitCodes } from "./exit-code.ts";
import { plain, printLines } from "./print.ts";
import { readOptions } from "./read-server-options.ts";

/** A switch without a value is true. */
type ServeOptions = Readonly<Record<string, string | true | undefined>> & {
  readonly options?: string;
};

/** Adds `serve`, with a flag for every server option that is no secret. */
export const addServe: AddCommand = (parent, cli) => {
  const serve = parent
    .command("serve")
    .description(
      "Run a server until SIGTERM or SIGINT; calls under way may then finish, and a second signal ends it at once. The Postgres database comes from $DATABASE_URL. Logs go to standard error.",
    )
    .option("--options <file>", "the options file, fleetgate.server.yaml", filledArgument);
  const flags = optionNames.flatMap((name) => addFlag(serve, name));
  serve
    .addHelpText(
      "after",
      examples(
        ["on an embedded database, for one machine", "fleetgate serve --embedded .fleetgate/db"],
        [
          "on Postgres, for others",
          "DATABASE_URL=postgres://localhost/fleetgate fleetgate serve --listen 0.0.0.0:8080",
        ],
        [
          "with a certificate that it makes itself, and keeps",
          "fleetgate serve --embedded .fleetgate/db --tls-self-signed --tls-cert-file tls.crt --tls-key-file tls.key",
        ],
        ["from an options file", "fleetgate serve --options fleetgate.server.yaml"],
      ),
    )
    .action(
      cli.action(async (given: ServeOptions) => {
        const named = flags.map(({ name, attribute }): [string, string | undefined] => {
          const value = given[attribute];
          return [name, value === true ? "true" : value];
        });
        const options = readOptions(cli.io, Object.fromEntries(named), given.options);
        // A signal that comes while the server starts stops it as soon as it has started.
        const stopSignal = cli.io.stopSignal();
        const { startApp } = await import("../app.ts");
        const app = await startApp(options);
        const { url, metricsUrl, tlsFingerprint, database } = app;
        if (cli.globals().json) {
          printLines(cli.io, JSON.stringify({ url, metricsUrl, tlsFingerprint, database }));
        } else {
          printLines(
            cli.io,
            `Fleetgate listens on ${url}`,
            ...(metricsUrl === undefined ? [] : [`metrics are on ${metricsUrl}`]),
            ...(tlsFingerprint === undefined
              ? []
              : [`its certificate is its own: --tls-fingerprint ${tlsFingerprint}`]),
            `the database is ${plain(database)}`,
            ...(options.reusePort ? ["other processes may share the port"] : []),
          );
        }
        await stopSignal;
        await app.stop();
        return exitCodes.ok;
      }),
    );
};

function addFlag(
  serve: Command,
  name: (typeof optionNames)[number],
): readonly { readonly name: string; readonly attribute: string }[] {
  const flag = optionFlag(name);
  if (flag === undefined) return [];
  const spec: OptionSpec<unknown> = optionsTable[name];
  const isSwitch = spec.kind.parse("true") === true;
  const words = spec.kind.parse("on") === true ? "[on|off]" : "[true|false]";
  const value = isSwitch ? words : `<${valueWord(spec.kind.name)}>`;
  const preset = spec.preset === undefined ? "" : ` (default: ${spec.preset})`;
  const says = `${spec.says.charAt(0).toLowerCase()}${spec.says.slice(1)}${preset}`;
  const option = new Option(`${flag} ${value}`, says);
  serve.addOption(option);
  return [{ name, attribute: option.attributeName() }];
}

function valueWord(kind: string): string {
  return kind.replaceAll(/ or |, /g, "|");
}
