import type { Finding } from "../../config/lint/finding.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { counted, plain, printLines } from "../print.ts";
import { countProblems, formatConfigProblem, toShownProblem } from "./problems.ts";
import { readConfigFiles } from "./read-config-files.ts";

interface LintOptions {
  readonly denyWarnings?: boolean;
}

/** Adds `config lint`. */
export const addConfigLint: AddCommand = (parent, cli) => {
  parent
    .command("lint <file...>")
    .description(
      "Warn about what is valid and most likely not meant: groups that nobody uses, bindings of unknown groups, globs that match too much and the like. Asks no server: the files are all there is. Ends with 3 when a file has errors.",
    )
    .option("--deny-warnings", "end with 3 when there is a warning")
    .addHelpText(
      "after",
      examples(
        ["lint a folder", "fleetgate config lint fleet/"],
        ["in CI", "fleetgate config lint --deny-warnings fleet/"],
      ),
    )
    .action(
      cli.action(async (paths: string[], { denyWarnings = false }: LintOptions) => {
        const files = await readConfigFiles(cli.io, paths);
        const { lintConfiguration } = await import("../../config/lint/lint.ts");
        const result = lintConfiguration(files);
        const { json } = cli.globals();
        if (!result.valid) {
          const { problems } = result;
          const shown = problems.map(toShownProblem);
          printLines(
            cli.io,
            ...(json
              ? [toJson({ problems, findings: [], total: 0 })]
              : [
                  ...problems.flatMap(formatConfigProblem),
                  `not linted: ${countProblems(shown, files.length)}`,
                ]),
          );
          return exitCodes.invalidConfiguration;
        }
        const { findings, total } = result;
        printLines(
          cli.io,
          ...(json
            ? [toJson({ problems: [], findings, total })]
            : [
                ...findings.flatMap(formatFinding),
                summarize(findings.length, total, files.length),
              ]),
        );
        const exitCode: ExitCode =
          denyWarnings && total > 0 ? exitCodes.invalidConfiguration : exitCodes.ok;
        return exitCode;
      }),
    );
};

function formatFinding({ rule, file, line, column, path, message, hint }: Finding): string[] {
  return [
    `${plain(file)}:${line}:${column}: ${rule}: ${plain(message)}`,
    `  at ${plain(path)}`,
    `  hint: ${plain(hint)}`,
  ];
}

function summarize(shown: number, total: number, files: number): string {
  const rest = total > shown ? `, the first ${shown} are shown` : "";
  return `${counted(total, "warning")} in ${counted(files, "file")}${rest}`;
}

function toJson(report: object): string {
  return JSON.stringify(report, undefined, 2);
}
