import { stringify } from "yaml";
import { quote } from "../../domain/quote.ts";
import type { LuciImportReport } from "./import-report.ts";
import type { ImportedConfig } from "./to-fleet-config.ts";

interface FormatInput {
  readonly project: string;
  readonly file: string;
  readonly configuration: ImportedConfig;
  readonly report: LuciImportReport;
}

/** The configuration as YAML with a header comment. No line is folded, no value is an alias. */
export function formatImport(input: FormatInput): string {
  const header = headerLines(input).map((line) => (line === "" ? "#\n" : `# ${line}\n`));
  const body = stringify(input.configuration, { lineWidth: 0, aliasDuplicateObjects: false });
  return `${header.join("")}\n${body}`;
}

// Every name in a comment is free of line breaks: the checks of the file and quote() see to that.
function headerLines({ project, file, report }: FormatInput): readonly string[] {
  const { realms, bindings, roles, conditionalBindings } = report;
  return [
    `The realms of the LUCI project ${project}, imported from ${quote(file)} by: fleetgate import luci`,
    `In the file: ${realms} realms, ${bindings} bindings (${conditionalBindings} conditional), ${roles} roles.`,
    ...section("Decided on the way:", report.notes),
    ...section(
      "Left out, because the importer does not know these fields:",
      report.skippedFields.map(({ name, line }) => `line ${line}: ${name}`),
    ),
    ...section(
      "To do: pools and bot groups, which are not part of the file, and members for these groups:",
      report.groups,
    ),
    ...section(
      "To do where it matters: say what these roles hold. Unresolved, they grant nothing:",
      report.unresolvedRoles,
    ),
  ];
}

function section(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : ["", title, ...items.map((item) => `- ${item}`)];
}
