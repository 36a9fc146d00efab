import { rootGroup } from "../../domain/names.ts";
import type { LuciContent } from "./luci-content.ts";
import type { ImportedConfig } from "./imported-config.ts";
import { implicitBindings, swarmingPartOf } from "./known-roles.ts";
import type { RealmsCfg } from "./realms-cfg.ts";
import { settingsGroups } from "./settings-cfg.ts";

/** What the configuration says that the files do not. */
export function decisionNotes(
  content: LuciContent,
  configuration: ImportedConfig,
): readonly string[] {
  return [
    ...realmNotes(content, configuration),
    ...settingsNotes(content),
    ...botNotes(content),
    ...groupNotes(content),
  ];
}

function realmNotes({ realms }: LuciContent, { roles = [] }: ImportedConfig): readonly string[] {
  const notes: string[] = [];
  for (const { project } of realms) {
    const implicit = implicitBindings(project.name);
    if (implicit.length === 0) continue;
    const principals = implicit.flatMap((binding) => binding.principals);
    notes.push(
      `the ${implicit.length} bindings that LUCI adds to every project stand in @root of ${project.name}, for ${principals.join(", ")}`,
    );
  }
  if (roles.length > 0) {
    notes.push(
      "the roles declared here belong to the deployment: of several sources let one declare them",
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

function settingsNotes({ settings, pools, bots }: LuciContent): readonly string[] {
  if (settings === undefined) {
    return pools === undefined && bots === undefined
      ? []
      : [`no settings.cfg: at the server level all six groups are ${rootGroup}`];
  }
  const found = settings.content ?? {};
  const defaults = settingsGroups.filter((field) => found[field] === undefined);
  if (defaults.length === 0) return [];
  const admins = found.admins_group?.text ?? rootGroup;
  return [`${defaults.join(", ")}: not in the file; the default ${admins} was written out`];
}

function botNotes({ bots }: LuciContent): readonly string[] {
  if (bots?.content === undefined) return [];
  const notes: string[] = [];
  const { groups, trustedDimensions } = bots.content;
  if (groups.length > 0) {
    notes.push("the names of the bot groups were made up from their first bot id or prefix");
  }
  const isDefault = ({ botIds, botIdPrefixes }: (typeof groups)[number]): boolean =>
    botIds.length + botIdPrefixes.length === 0;
  if (!groups.some(isDefault)) {
    notes.push('no default bot group: all other bots are in the pool "unassigned"');
  }
  const others = trustedDimensions.map(({ text }) => text).filter((text) => text !== "pool");
  if (others.length > 0) {
    notes.push(`of the trusted dimensions only pool has a meaning here, not ${others.join(", ")}`);
  }
  return notes;
}

function groupNotes({ groups }: LuciContent): readonly string[] {
  const repeated = (groups?.groups ?? []).reduce((sum, group) => sum + group.repeated, 0);
  return repeated === 0
    ? []
    : [`entries of groups that repeat another one were left out: ${repeated}`];
}

/** What the files say that the configuration does not, or says otherwise. */
export function lossNotes({ realms }: LuciContent): readonly string[] {
  const notes = realms.flatMap(({ path, content }) =>
    lossesOf(content).map((note) => (realms.length > 1 ? `${path}: ${note}` : note)),
  );
  const isConditional = realms.some(({ content }) =>
    content.realms.some((realm) => realm.bindings.some(({ conditions }) => conditions.length > 0)),
  );
  if (isConditional) {
    notes.push(
      "a condition guards the whole role here, while newer releases of LUCI grant those permissions of the role unconditionally that do not declare the attribute",
    );
  }
  return notes;
}

function lossesOf(cfg: RealmsCfg): readonly string[] {
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
  return notes;
}
