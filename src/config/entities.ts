import type { Entity, EntityChange, EntityKind } from "../domain/entity.ts";
import { foldIdentity, type Identity } from "../domain/identity.ts";
import type { Configuration, Group, Project, Settings } from "../domain/model.ts";
import { compareBytewise } from "../domain/bytewise.ts";
import { conditionsKey } from "./canonical-bindings.ts";
import { delegationKey } from "../domain/canonical-order.ts";

/**
 * The entities of a configuration in canonical form. Keys are unambiguous within their kind: names that
 * cannot hold the separator come first, and everything else is a JSON array. The key of a member is its
 * folded identity, so that another spelling of a member is an update of it.
 */
export function toEntities(configuration: Configuration): readonly Entity[] {
  const entities: Entity[] = [];
  if (configuration.settings !== undefined) addSettings(entities, configuration.settings);
  for (const body of configuration.permissions) {
    entities.push({ kind: "permission", key: body.name, body });
  }
  for (const body of configuration.roles) entities.push({ kind: "role", key: body.name, body });
  for (const project of configuration.projects) addProject(entities, project);
  for (const body of configuration.pools) entities.push({ kind: "pool", key: body.name, body });
  for (const body of configuration.botGroups) {
    entities.push({ kind: "bot_group", key: body.name, body });
  }
  for (const group of configuration.groups) addGroup(entities, group);
  return entities;
}

function addSettings(entities: Entity[], settings: Settings): void {
  const { delegations, ...body } = settings;
  entities.push({ kind: "settings", key: "settings", body });
  for (const delegation of delegations) {
    entities.push({ kind: "delegation", key: delegationKey(delegation), body: delegation });
  }
}

function addProject(entities: Entity[], project: Project): void {
  entities.push({ kind: "project", key: project.name, body: { name: project.name } });
  for (const role of project.customRoles) {
    const body = { project: project.name, ...role };
    entities.push({ kind: "custom_role", key: `${project.name}/${role.name}`, body });
  }
  for (const realm of project.realms) {
    const fullName = `${project.name}:${realm.name}`;
    const body = { project: project.name, name: realm.name, extends: realm.extends };
    entities.push({ kind: "realm", key: fullName, body });
    for (const { role, conditions, principals } of realm.bindings) {
      entities.push({
        kind: "binding",
        key: `["${fullName}",${JSON.stringify(role)},${conditionsKey(conditions)}]`,
        body: { project: project.name, realm: realm.name, role, conditions, principals },
      });
    }
  }
}

function addGroup(entities: Entity[], group: Group): void {
  const { name, description, owners } = group;
  entities.push({ kind: "group", key: name, body: { name, description, owners } });
  for (const member of group.members) {
    const key = groupMemberKey(name, member as Identity);
    entities.push({ kind: "group_member", key, body: { group: name, member } });
  }
  for (const glob of group.globs) {
    entities.push({ kind: "group_glob", key: `${name} ${glob}`, body: { group: name, glob } });
  }
  for (const nested of group.nested) {
    entities.push({
      kind: "group_nested",
      key: `${name} ${nested}`,
      body: { group: name, nested },
    });
  }
}

/** The changes that turn `before` into `after`, in the order of kinds and keys; equal entities make none. */
export function diffEntities(
  before: readonly Entity[],
  after: readonly Entity[],
): readonly EntityChange[] {
  const old = new Map<EntityKind, Map<string, Entity>>();
  for (const entity of before) {
    const ofKind = old.get(entity.kind);
    if (ofKind === undefined) old.set(entity.kind, new Map([[entity.key, entity]]));
    else ofKind.set(entity.key, entity);
  }
  const changes: EntityChange[] = [];
  for (const entity of after) {
    const previous = old.get(entity.kind)?.get(entity.key);
    old.get(entity.kind)?.delete(entity.key);
    if (previous !== undefined && isSameJson(previous.body, entity.body)) continue;
    changes.push(change(entity, previous?.body, entity.body));
  }
  for (const ofKind of old.values()) {
    for (const entity of ofKind.values()) changes.push(change(entity, entity.body, undefined));
  }
  return changes.sort(
    (left, right) => compareBytewise(left.kind, right.kind) || compareBytewise(left.key, right.key),
  );
}

function change(
  { kind, key }: Entity,
  before: Entity["body"] | undefined,
  after: Entity["body"] | undefined,
): EntityChange {
  // Both bodies are of this kind: they were found under it.
  return { kind, key, before, after } as EntityChange;
}

function isSameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object") return false;
  if (left === null || right === null || Array.isArray(left) !== Array.isArray(right)) return false;
  const leftFields = Object.entries(left);
  return (
    leftFields.length === Object.keys(right).length &&
    leftFields.every(
      ([name, value]) =>
        Object.hasOwn(right, name) && isSameJson(value, (right as Record<string, unknown>)[name]),
    )
  );
}

/** The key of a member of a group: members that fold to the same identity are one. */
export function groupMemberKey(group: string, member: Identity): string {
  return `${group} ${foldIdentity(member)}`;
}
