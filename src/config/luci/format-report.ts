import type { LuciImportReport } from "./import-report.ts";

/** A part of the report for people. */
export interface ReportSection {
  readonly title: string;
  readonly items: readonly string[];
}

/** What was imported, in a few lines. */
export function countLines(report: LuciImportReport): readonly string[] {
  const { projects, realms, bindings, conditionalBindings, roles } = report;
  const { pools, botGroups, groups, members } = report;
  return [
    ...(projects === 0
      ? []
      : [
          `${projects > 1 ? `${projects} projects, ` : ""}${counted(realms, "realm")}, ${counted(bindings, "binding")} (${conditionalBindings} conditional), ${counted(roles, "role")}`,
        ]),
    ...(pools + botGroups === 0
      ? []
      : [`${counted(pools, "pool")}, ${counted(botGroups, "bot group")}`]),
    ...(groups === 0 ? [] : [`${counted(groups, "group")}, ${counted(members, "member")}`]),
  ];
}

/** What is left to do, what was left out, and what was decided; sections with nothing in them are left out. */
export function reportSections(report: LuciImportReport): readonly ReportSection[] {
  const sections: readonly ReportSection[] = [
    {
      title: "roles that grant nothing until you say what they hold",
      items: report.unresolvedRoles,
    },
    { title: "groups to fill in", items: report.missingGroups },
    {
      title: "groups to fill in when the roles bound to them are known",
      items: report.idleGroups,
    },
    { title: "groups without members", items: report.emptyGroups },
    {
      title: "groups whose members the export hides",
      items: report.hiddenMembers.map(({ group, members }) => `${group}: ${members}`),
    },
    {
      title: "realms of pools that are not imported",
      items: report.unknownRealms.map(({ realm, pools }) => `${realm}: ${counted(pools, "pool")}`),
    },
    { title: "pools of bots that are not imported", items: report.unknownPools },
    { title: "to do", items: report.todo },
    { title: "fields left out", items: report.skippedFields.map(formatSkipped) },
    {
      title: "dimensions of bots left out",
      items: report.skippedDimensions.map(({ key, count }) => `${key}: ${times(count)}`),
    },
    { title: "notes", items: report.notes },
  ];
  return sections.filter(({ items }) => items.length > 0);
}

function formatSkipped({
  file,
  name,
  count,
  lines,
}: LuciImportReport["skippedFields"][number]): string {
  const more = count > lines.length ? ", ..." : "";
  return `${file}: ${name}: ${times(count)}, ${lines.length === 1 ? "line" : "lines"} ${lines.join(", ")}${more}`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
