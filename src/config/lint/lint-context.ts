import type { Binding, Group } from "../../gen/fleetgate/config/v1/config_pb.ts";
import { locateItems, type Located, type LocatedConfig } from "../located-config.ts";
import { within, type Place } from "../place.ts";
import type { Known } from "../rules/known.ts";
import { groupFields } from "../rules/settings.ts";

/** What the rules of lint work on. */
export interface LintContext {
  readonly config: LocatedConfig;
  readonly known: Known;
  readonly groups: ReadonlyMap<string, Located<Group>>;
  readonly bindings: readonly LocatedBinding[];
  /** Every place that gives a group something: bindings, settings and delegations. */
  readonly grants: readonly GroupReference[];
}

/** A binding, the project in which it stands, and the full name of its realm. */
export interface LocatedBinding extends Located<Binding> {
  readonly project: string;
  readonly realm: string;
}

/** A place that names a group. */
export interface GroupReference {
  readonly group: string;
  readonly place: Place;
  /** What names it. */
  readonly kind: "binding" | "setting" | "delegation";
}

const groupPrefix = "group:";

/** Gathers what the rules look at. */
export function createLintContext(config: LocatedConfig, known: Known): LintContext {
  const bindings = config.projects.flatMap(({ value: project, place }) =>
    locateItems(place, "realms", project.realms).flatMap((realm) =>
      locateItems(realm.place, "bindings", realm.value.bindings).map((binding) => ({
        ...binding,
        project: project.name,
        realm: `${project.name}:${realm.value.name}`,
      })),
    ),
  );
  return {
    config,
    known,
    groups: new Map(config.groups.map((group) => [group.value.name, group])),
    bindings,
    grants: [...bindings.flatMap(groupsOfBinding), ...groupsOfSettings(config)],
  };
}

function groupsOfBinding({ value, place }: LocatedBinding): readonly GroupReference[] {
  return value.principals.flatMap((principal, index): readonly GroupReference[] => {
    if (!principal.startsWith(groupPrefix)) return [];
    const group = principal.slice(groupPrefix.length);
    return [{ group, place: within(place, "principals", index), kind: "binding" }];
  });
}

function groupsOfSettings({ settings }: LocatedConfig): readonly GroupReference[] {
  if (settings === undefined) return [];
  const { value, place } = settings;
  const references: GroupReference[] = [];
  for (const [field, localName] of groupFields) {
    const group = value[localName];
    if (group !== "") references.push({ group, place: within(place, field), kind: "setting" });
  }
  for (const delegation of locateItems(place, "delegations", value.delegations)) {
    const { group } = delegation.value;
    references.push({ group, place: within(delegation.place, "group"), kind: "delegation" });
  }
  return references;
}
