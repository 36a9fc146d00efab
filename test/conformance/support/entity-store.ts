import assert from "node:assert/strict";
import { diffEntities, toEntities } from "../../../src/config/entities.ts";
import type { Entity, EntityBodies, EntityChange, EntityKind } from "../../../src/domain/entity.ts";
import type { Configuration } from "../../../src/domain/model.ts";

/** Holds the entities of one source as storage does: it learns of a new configuration by its changes only. */
export interface EntityStore {
  /** Carries out what turns the configuration of now into the next one; throws when it does not fit. */
  readonly apply: (next: Configuration) => void;
  /** The configuration that the entities make up. */
  readonly read: () => Configuration;
}

/** Creates an empty store. */
export function createEntityStore(): EntityStore {
  const entities = new Map<string, Entity>();
  const applyChange = ({ kind, key, before, after }: EntityChange): void => {
    const at = `${kind} ${key}`;
    assert.deepEqual(entities.get(at)?.body, before, `before of ${at}`);
    if (after === undefined) entities.delete(at);
    else entities.set(at, { kind, key, body: after } as Entity);
  };
  return {
    apply: (next) => diffEntities([...entities.values()], toEntities(next)).forEach(applyChange),
    read: () => assemble([...entities.values()]),
  };
}

function assemble(entities: readonly Entity[]): Configuration {
  const bodies = <K extends EntityKind>(kind: K): readonly EntityBodies[K][] =>
    entities.filter((it) => it.kind === kind).map((it) => it.body as EntityBodies[K]);
  const [settings] = bodies("settings");
  return {
    settings: settings && { ...settings, delegations: bodies("delegation") },
    permissions: bodies("permission"),
    roles: bodies("role"),
    projects: bodies("project").map(({ name }) => ({
      name,
      customRoles: bodies("custom_role").filter(({ project }) => project === name),
      realms: bodies("realm")
        .filter(({ project }) => project === name)
        .map((realm) => ({
          name: realm.name,
          extends: realm.extends,
          bindings: bodies("binding").filter(
            (binding) => binding.project === name && binding.realm === realm.name,
          ),
        })),
    })),
    pools: bodies("pool"),
    botGroups: bodies("bot_group"),
    groups: bodies("group").map((group) => ({
      ...group,
      members: bodies("group_member")
        .filter((it) => it.group === group.name)
        .map(({ member }) => member),
      globs: bodies("group_glob")
        .filter((it) => it.group === group.name)
        .map(({ glob }) => glob),
      nested: bodies("group_nested")
        .filter((it) => it.group === group.name)
        .map(({ nested }) => nested),
    })),
  };
}
