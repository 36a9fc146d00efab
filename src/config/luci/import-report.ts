import { sortedSet } from "../../domain/bytewise.ts";
import { implicitBindings, swarmingPartOf } from "./known-roles.ts";
import type { SkippedField } from "./message-reader.ts";
import type { RealmsCfg } from "./realms-cfg.ts";
import type { ImportedConfig } from "./to-fleet-config.ts";

/** What an import found and what it leaves to do. Numbers count what the file says, not what LUCI implies. */
export interface LuciImportReport {
  readonly realms: number;
  /** Those that were taken over; `notes` names the lines of any that were left out. */
  readonly bindings: number;
  /** Distinct roles of these bindings. */
  readonly roles: number;
  readonly conditionalBindings: number;
  /** Roles that grant nothing until somebody says what they hold, sorted. */
  readonly unresolvedRoles: readonly string[];
  /** Groups that the bindings of the file name, sorted: their members are to be filled in by hand. */
  readonly groups: readonly string[];
  readonly skippedFields: readonly SkippedField[];
  /** What was decided on the way, for people. */
  readonly notes: readonly string[];
}

interface ReportInput {
  readonly project: string;
  readonly cfg: RealmsCfg;
  readonly configuration: ImportedConfig;
  readonly skipped: readonly SkippedField[];
}

/** The report on an import. */
export function createImportReport(input: ReportInput): LuciImportReport {
  const { cfg, configuration, skipped } = input;
  const bindings = cfg.realms
    .flatMap((realm) => realm.bindings)
    .filter((binding) => !binding.isPartlyUnknown);
  const groups = bindings
    .flatMap((binding) => binding.principals)
    .filter(({ text }) => text.startsWith("group:"))
    .map(({ text }) => text.slice("group:".length));
  return {
    realms: cfg.realms.length,
    bindings: bindings.length,
    roles: new Set(bindings.map(({ role }) => role.text)).size,
    conditionalBindings: bindings.filter(({ conditions }) => conditions.length > 0).length,
    unresolvedRoles: (configuration.roles ?? [])
      .filter((role) => role.unresolved === true)
      .map(({ name }) => name),
    groups: sortedSet(groups),
    skippedFields: skipped,
    notes: [...decisionNotes(input), ...lossNotes(cfg)],
  };
}

/** What the configuration says that the file does not. */
function decisionNotes({ project, configuration }: ReportInput): readonly string[] {
  const notes: string[] = [];
  const implicit = implicitBindings(project);
  if (implicit.length > 0) {
    const principals = implicit.flatMap((binding) => binding.principals);
    notes.push(
      `the ${implicit.length} bindings that LUCI adds to every project stand in @root, for ${principals.join(", ")}`,
    );
  }
  const roles = configuration.roles ?? [];
  if (roles.length > 0) {
    notes.push(
      "the roles declared here belong to the deployment: of several imported projects, let one declare them",
    );
  }
  for (const { name } of roles) {
    const parts = swarmingPartOf(name);
    if (parts !== undefined) {
      notes.push(`only the Swarming part of ${name} is known: ${parts.join(", ")}`);
    }
  }
  return notes;
}

/** What the file says that the configuration does not, or says otherwise. */
function lossNotes(cfg: RealmsCfg): readonly string[] {
  const notes: string[] = [];
  for (const realm of cfg.realms) {
    const realmText = `realm ${realm.name.text}`;
    const [enforced] = realm.enforceInService;
    if (enforced !== undefined) {
      notes.push(
        `line ${enforced.position.line}: enforce_in_service of ${realmText} is left out: it has no meaning here`,
      );
    }
    const root = realm.extends.find(({ text }) => text === "@root");
    if (root !== undefined) {
      notes.push(
        `line ${root.position.line}: extends "@root" of ${realmText} is left out: every realm inherits from @root`,
      );
    }
    for (const binding of realm.bindings.filter(({ isPartlyUnknown }) => isPartlyUnknown)) {
      notes.push(
        `line ${binding.position.line}: the binding of ${binding.role.text} in ${realmText} is left out: the part of it that is unknown here might narrow it`,
      );
    }
  }
  if (cfg.realms.some(({ bindings }) => bindings.some(({ conditions }) => conditions.length > 0))) {
    notes.push(
      "a condition guards the whole role here, while newer releases of LUCI grant those permissions of the role unconditionally that do not declare the attribute",
    );
  }
  return notes;
}
