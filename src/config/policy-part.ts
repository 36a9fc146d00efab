import { sortByName } from "../domain/bytewise.ts";
import type { EntityChange } from "../domain/entity.ts";
import type { Project } from "../domain/model.ts";
import { emptyPolicy, type Policy } from "../domain/policy.ts";
import type { PolicyKind } from "./from-entities.ts";

/** A change of one entity of a policy. */
export type PolicyEntityChange = Extract<EntityChange, { kind: PolicyKind }>;

/** What changes may touch of something, as a policy of its own, and how to put it back. What was not touched stays the same objects. */
interface Part<T> {
  readonly touched: Policy;
  /** The whole with the touched ones as they have become. */
  readonly put: (touched: Policy) => T;
}

/** The project that a change belongs to; undefined: none. Throws when the change says nothing. */
export function projectOf(change: PolicyEntityChange): string | undefined {
  const body = change.after ?? change.before;
  if (body === undefined) throw new Error(`a change of ${change.kind} ${change.key} says nothing`);
  if (change.kind === "project") return change.key;
  return "project" in body ? body.project : undefined;
}

/** The part of a policy that changes are about which belong to no project. */
export function partOfNone(policy: Policy, changes: readonly PolicyEntityChange[]): Part<Policy> {
  const kinds = new Set(changes.map(({ kind }) => kind));
  const pick = (of: Policy, others: Policy): Policy => ({
    settings: kinds.has("settings") || kinds.has("delegation") ? of.settings : others.settings,
    permissions: kinds.has("permission") ? of.permissions : others.permissions,
    roles: kinds.has("role") ? of.roles : others.roles,
    projects: others.projects,
    pools: kinds.has("pool") ? of.pools : others.pools,
    botGroups: kinds.has("bot_group") ? of.botGroups : others.botGroups,
  });
  return {
    touched: pick(policy, emptyPolicy),
    put: (touched) => pick(touched, policy),
  };
}

/** The part of a project, undefined when there is none, that its changes are about: custom roles, and realms with bindings. */
export function partOfProject(
  before: Project | undefined,
  changes: readonly PolicyEntityChange[],
): Part<Project | undefined> {
  let hasRoles = false;
  const realms = new Set<string>();
  for (const change of changes) {
    const body = change.after ?? change.before;
    if (change.kind === "custom_role") hasRoles = true;
    else if (change.kind === "realm" && body !== undefined && "name" in body) realms.add(body.name);
    else if (body !== undefined && "realm" in body) realms.add(body.realm);
  }
  const touched = before && {
    name: before.name,
    customRoles: hasRoles ? before.customRoles : [],
    realms: before.realms.filter(({ name }) => realms.has(name)),
  };
  return {
    touched: { ...emptyPolicy, projects: touched === undefined ? [] : [touched] },
    put({ projects: [now] }) {
      if (now === undefined || before === undefined) return now;
      const others = before.realms.filter(({ name }) => !realms.has(name));
      return {
        name: now.name,
        customRoles: hasRoles ? now.customRoles : before.customRoles,
        realms: realms.size === 0 ? before.realms : sortByName([...others, ...now.realms]),
      };
    },
  };
}
