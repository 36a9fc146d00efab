import { stringify } from "yaml";
import { quote } from "../../domain/quote.ts";
import { countLines, reportSections } from "./format-report.ts";
import type { LuciImport } from "./import-report.ts";
import type { ImportedConfig } from "./imported-config.ts";

/** One file of an import that is written as several. */
export interface ImportPart {
  /** `roles.yaml`, `project-<name>.yaml`, `settings.yaml`, `pools.yaml`, `bots.yaml` or `groups.yaml`. */
  readonly name: string;
  readonly yaml: string;
}

/** The configuration as YAML behind a comment that holds the report. */
export function formatImport({ configuration, report }: LuciImport): string {
  const header = [
    "Imported from LUCI by: fleetgate import luci",
    ...countLines(report).map((line) => `In the files: ${line}.`),
    ...reportSections(report).flatMap(({ title, items }) => [
      "",
      `${title}:`,
      ...items.map((item) => `- ${item}`),
    ]),
  ];
  return `${comment(header)}\n${toYaml(configuration)}`;
}

/**
 * The configuration as several files, so that different sources can apply them: the roles of the deployment, each
 * project, settings, pools, bot groups, groups. What is empty is left out.
 */
export function formatImportParts(configuration: ImportedConfig): readonly ImportPart[] {
  const { settings, permissions, roles, projects = [], pools, bot_groups, groups } = configuration;
  const parts: readonly (readonly [name: string, content: ImportedConfig])[] = [
    ["settings.yaml", settings === undefined ? {} : { settings }],
    [
      "roles.yaml",
      {
        ...(permissions === undefined ? {} : { permissions }),
        ...(roles === undefined ? {} : { roles }),
      },
    ],
    ...projects.map(
      (project) => [`project-${project.name}.yaml`, { projects: [project] }] as const,
    ),
    ["pools.yaml", pools === undefined ? {} : { pools }],
    ["bots.yaml", bot_groups === undefined ? {} : { bot_groups }],
    ["groups.yaml", groups === undefined ? {} : { groups }],
  ];
  return parts
    .filter(([, content]) => Object.keys(content).length > 0)
    .map(([name, content]) => ({ name, yaml: formatPart(content) }));
}

/** A part of the configuration as YAML, without a report. */
export function formatPart(configuration: ImportedConfig): string {
  return `${comment(["Imported from LUCI by: fleetgate import luci"])}\n${toYaml(configuration)}`;
}

/** No line is folded, no value is an alias. */
function toYaml(configuration: ImportedConfig): string {
  return stringify(configuration, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Names of files may hold line breaks: such a line is quoted, so that it stays a comment. */
function comment(lines: readonly string[]): string {
  return lines
    .map((line) =>
      line === "" ? "#\n" : `# ${/\p{Cc}|[\u2028\u2029]/u.test(line) ? quote(line) : line}\n`,
    )
    .join("");
}
