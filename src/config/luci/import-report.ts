import { sortedSet } from "../../domain/bytewise.ts";
import { rootGroup } from "../../domain/names.ts";
import { createGrantingTest } from "./granting-roles.ts";
import type { LuciContent } from "./luci-content.ts";
import type { ImportedConfig } from "./imported-config.ts";
import { decisionNotes, lossNotes } from "./report-notes.ts";

/** Fields of one name that were left out of one file. */
export interface SkippedFields {
  readonly file: string;
  readonly name: string;
  readonly count: number;
  /** Where the first of them stand. */
  readonly lines: readonly number[];
}

/** What an import found and what it leaves to do. Numbers count what the files say, not what LUCI implies. */
export interface LuciImportReport {
  readonly projects: number;
  readonly realms: number;
  /** Those that were taken over; `notes` names the lines of any that were left out. */
  readonly bindings: number;
  readonly conditionalBindings: number;
  /** Distinct roles of these bindings. */
  readonly roles: number;
  readonly pools: number;
  readonly botGroups: number;
  /** Groups that have a list, and their members. */
  readonly groups: number;
  readonly members: number;
  /** Roles that grant nothing until somebody says what they hold, sorted. */
  readonly unresolvedRoles: readonly string[];
  /** Groups that settings or bindings name and that have no list, sorted: their members are to be filled in. */
  readonly missingGroups: readonly string[];
  /** The same for groups that only bindings of unresolved roles name: they grant nothing yet. */
  readonly idleGroups: readonly string[];
  /** Groups that are declared without members, globs and nested groups, sorted. */
  readonly emptyGroups: readonly string[];
  /** Groups of which the export hides members. */
  readonly hiddenMembers: readonly { readonly group: string; readonly members: number }[];
  /** Realms of pools that no imported realms.cfg declares, sorted, and how many pools are in each. */
  readonly unknownRealms: readonly { readonly realm: string; readonly pools: number }[];
  /** Pools that bot groups name and no imported pools.cfg declares, sorted. */
  readonly unknownPools: readonly string[];
  readonly skippedFields: readonly SkippedFields[];
  /** Dimensions of bots other than `pool`, and in how many places they stand. */
  readonly skippedDimensions: readonly { readonly key: string; readonly count: number }[];
  /** What else is left to do, for people. */
  readonly todo: readonly string[];
  /** What was decided on the way, for people. */
  readonly notes: readonly string[];
}

/** What became of the files. */
export interface LuciImport {
  readonly configuration: ImportedConfig;
  readonly report: LuciImportReport;
}

/** The report on an import; `added` are the groups that were added because others need them. */
export function createImportReport(
  content: LuciContent,
  configuration: ImportedConfig,
  added: readonly string[],
): LuciImportReport {
  const bindings = content.realms
    .flatMap((file) => file.content.realms.flatMap((realm) => realm.bindings))
    .filter((binding) => !binding.isPartlyUnknown);
  const listed = content.groups?.groups ?? [];
  return {
    projects: content.realms.length,
    realms: content.realms.reduce((sum, file) => sum + file.content.realms.length, 0),
    bindings: bindings.length,
    conditionalBindings: bindings.filter(({ conditions }) => conditions.length > 0).length,
    roles: new Set(bindings.map(({ role }) => role.text)).size,
    pools: configuration.pools?.length ?? 0,
    botGroups: configuration.bot_groups?.length ?? 0,
    groups: listed.length,
    members: listed.reduce((sum, { members }) => sum + members.length, 0),
    unresolvedRoles: (configuration.roles ?? [])
      .filter((role) => role.unresolved === true)
      .map(({ name }) => name),
    ...groupsToFillIn(content, configuration),
    emptyGroups: sortedSet([
      ...added,
      ...listed
        .filter((group) => group.members.length + group.globs.length + group.nested.length === 0)
        .map(({ name }) => name),
    ]),
    hiddenMembers: listed
      .filter(({ hidden }) => hidden > 0)
      .map(({ name, hidden }) => ({ group: name, members: hidden })),
    unknownRealms: unknownRealms(configuration),
    unknownPools: unknownPools(configuration),
    skippedFields: skippedFields(content),
    skippedDimensions: skippedDimensions(content),
    todo: todo(content),
    notes: [...decisionNotes(content, configuration), ...lossNotes(content)],
  };
}

function groupsToFillIn(
  content: LuciContent,
  configuration: ImportedConfig,
): Pick<LuciImportReport, "missingGroups" | "idleGroups"> {
  const declared = new Set([rootGroup, ...(configuration.groups ?? []).map(({ name }) => name)]);
  const grants = createGrantingTest(configuration);
  const missing = new Set<string>();
  const idle = new Set<string>();
  for (const { project, content: cfg } of content.realms) {
    for (const binding of cfg.realms.flatMap((realm) => realm.bindings)) {
      if (binding.isPartlyUnknown) continue;
      const names = grants(project, binding.role.text) ? missing : idle;
      for (const { text } of binding.principals) {
        if (text.startsWith("group:")) names.add(text.slice("group:".length));
      }
    }
  }
  for (const name of Object.values(configuration.settings ?? {})) missing.add(name);
  return {
    missingGroups: sortedSet(missing).filter((name) => !declared.has(name)),
    idleGroups: sortedSet(idle).filter((name) => !declared.has(name) && !missing.has(name)),
  };
}

function unknownRealms({
  projects = [],
  pools = [],
}: ImportedConfig): LuciImportReport["unknownRealms"] {
  const declared = new Set(
    projects.flatMap(({ name, realms }) => realms.map((realm) => `${name}:${realm.name}`)),
  );
  const counts = new Map<string, number>();
  for (const pool of pools) {
    for (const realm of new Set([pool.realm, pool.default_task_realm ?? pool.realm])) {
      if (!declared.has(realm)) counts.set(realm, (counts.get(realm) ?? 0) + 1);
    }
  }
  return sortedSet(counts.keys()).map((realm) => ({ realm, pools: counts.get(realm) ?? 0 }));
}

function unknownPools({ pools = [], bot_groups = [] }: ImportedConfig): readonly string[] {
  const declared = new Set(pools.map(({ name }) => name));
  const named = bot_groups.flatMap((group) => group.pools ?? []);
  return sortedSet(named).filter((name) => !declared.has(name));
}

const maxLines = 10;

function skippedFields(content: LuciContent): readonly SkippedFields[] {
  const files = [...content.realms, content.pools, content.bots, content.settings]
    .filter((file) => file !== undefined)
    .flatMap(({ path, skipped }) => skipped.map((field) => ({ ...field, path })));
  const byName = Map.groupBy([...files, ...(content.groups?.skipped ?? [])], ({ path, name }) =>
    JSON.stringify([path, name]),
  );
  return [...byName.values()].map((fields) => ({
    file: fields[0]?.path ?? "",
    name: fields[0]?.name ?? "",
    count: fields.length,
    lines: fields.slice(0, maxLines).map(({ line }) => line),
  }));
}

function skippedDimensions({ bots }: LuciContent): LuciImportReport["skippedDimensions"] {
  const counts = new Map<string, number>();
  for (const { text } of (bots?.content?.groups ?? []).flatMap((group) => group.otherDimensions)) {
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return sortedSet(counts.keys()).map((key) => ({ key, count: counts.get(key) ?? 0 }));
}

function todo({ groups }: LuciContent): readonly string[] {
  const items = [
    "write settings.delegations: until then nobody may ask about anybody but itself, and no service about its users",
  ];
  const list = groups?.administrators;
  if (list !== undefined) {
    const { members, globs, nested } = list;
    items.push(
      `${rootGroup} was left out (${members.length} of its entries are members, ${globs.length} globs, ${nested.length} groups): here its members rule Fleetgate itself, and it is edited by hand; add to it whom you want there`,
    );
  }
  return items;
}
