import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type * as Format from "../../config/luci/format-import.ts";
import type * as FormatReport from "../../config/luci/format-report.ts";
import type { LuciImport, LuciImportReport } from "../../config/luci/import-report.ts";
import { usageError } from "../cli-error.ts";
import type { Cli } from "../cli.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { plain, printLines, printNotes } from "../print.ts";
import { describeFileError } from "../read-input-file.ts";
import { writeOutputFile } from "../write-output-file.ts";
import type { LuciOptions } from "./luci-options.ts";

/** What turns an import into text; loaded with the importer, when it is needed. */
export type LuciFormats = typeof Format & typeof FormatReport;

/** The name of the report in `--out-dir`; `config apply` reads no file of this kind. */
const reportName = "import-report.txt";

/** Writes the configuration where the options say, and the report on it. */
export function showLuciImport(
  cli: Cli,
  formats: LuciFormats,
  imported: LuciImport,
  options: LuciOptions,
): ExitCode {
  const { report } = imported;
  const { permissions, roles, ...others } = imported.configuration;
  const withoutRoles = !options.roles || options.rolesOut !== undefined;
  const configuration = withoutRoles ? others : imported.configuration;
  const lines = formatReport(formats, report);
  const { json } = cli.globals();
  const say = (line: string): void => {
    if (!json) printLines(cli.io, line);
  };
  const write = (path: string, text: string): void => {
    writeOutputFile(path, text);
    say(`wrote ${path}`);
  };
  if (options.rolesOut !== undefined) {
    write(
      options.rolesOut,
      formats.formatPart({
        ...(permissions === undefined ? {} : { permissions }),
        ...(roles === undefined ? {} : { roles }),
      }),
    );
  }
  if (options.outDir !== undefined) {
    const parts = formats.formatImportParts(configuration);
    makeDirectory(options.outDir);
    for (const { name, yaml } of parts) write(join(options.outDir, name), yaml);
    write(join(options.outDir, reportName), `${lines.join("\n")}\n`);
    const left = otherFiles(
      options.outDir,
      parts.map(({ name }) => name),
    );
    if (left.length > 0) {
      printNotes(
        cli.io,
        `warning: in ${options.outDir}, and not of this import: ${plain(left.join(", "))}; config apply takes them as well`,
      );
    }
  } else {
    const yaml = formats.formatImport({ configuration, report });
    if (options.out !== undefined) write(options.out, yaml);
    else if (!json) cli.io.stdout.write(yaml);
  }
  if (json) printLines(cli.io, JSON.stringify({ configuration, report }, undefined, 2));
  else printNotes(cli.io, ...lines);
  return exitCodes.ok;
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw usageError(`cannot make ${path}: ${describeFileError(error)}`);
  }
}

/** What `config apply` would read of a directory besides the given files. */
function otherFiles(directory: string, written: readonly string[]): readonly string[] {
  return readdirSync(directory)
    .filter((name) => /(?<!\.test)\.(?:yaml|yml|json)$/.test(name) && !written.includes(name))
    .toSorted();
}

function formatReport(formats: LuciFormats, report: LuciImportReport): readonly string[] {
  return [
    ...formats.countLines(report),
    ...formats
      .reportSections(report)
      .flatMap(({ title, items }) => [`${title}:`, ...items.map((item) => `  ${item}`)]),
  ].map(plain);
}
