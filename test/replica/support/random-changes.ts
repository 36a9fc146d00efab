import type { EntityBodies, EntityChange, EntityKind } from "../../../src/domain/entity.ts";
import { foldIdentity, type Identity } from "../../../src/domain/identity.ts";
import { makeKey } from "../../rpc/support/keys.ts";

/** One change as a writer plans it. */
export interface RandomChange {
  readonly source: string | undefined;
  readonly changes: readonly EntityChange[];
}

const groupNames = ["administrators", "a", "b", "c", "ext/d", "ext/e"];
const identities = ["user:Ann@x.com", "user:ann@x.com", "user:bob@x.com", "bot:one", "service:s"];
const globs = ["user:*@x.com", "bot:*", "service:s*"];
const realms = ["@root", "r", "s"];
const pools = ["ci", "dev", "secret"];
const roles = ["role/swarming.poolUser", "role/swarming.poolViewer"];

/**
 * Makes random changes of groups that nobody manages, of the policy of a source, and of API keys, each one fitting what
 * the ones before it made. `random` gives numbers from 0 up to 1.
 */
export function createRandomChanges(random: () => number): () => RandomChange {
  /** Bodies by kind and key. */
  const bodies = new Map<EntityKind, Map<string, EntityBodies[EntityKind]>>();

  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const ofKind = (kind: EntityKind): Map<string, EntityBodies[EntityKind]> => {
    const known = bodies.get(kind) ?? new Map<string, EntityBodies[EntityKind]>();
    bodies.set(kind, known);
    return known;
  };

  function put<K extends EntityKind>(kind: K, key: string, after: EntityBodies[K]): EntityChange[] {
    const before = ofKind(kind).get(key);
    if (JSON.stringify(before) === JSON.stringify(after)) return [];
    ofKind(kind).set(key, after);
    return [{ kind, key, before, after } as EntityChange];
  }

  function drop(kind: EntityKind, key: string): EntityChange[] {
    const before = ofKind(kind).get(key);
    if (before === undefined) return [];
    ofKind(kind).delete(key);
    return [{ kind, key, before, after: undefined } as EntityChange];
  }

  function toggle<K extends EntityKind>(
    kind: K,
    key: string,
    body: EntityBodies[K],
  ): EntityChange[] {
    return ofKind(kind).has(key) ? drop(kind, key) : put(kind, key, body);
  }

  function changeGroup(): EntityChange[] {
    const name = pick(groupNames);
    if (!ofKind("group").has(name) || random() < 0.1) {
      const owners = pick(groupNames);
      return put("group", name, { name, description: random() < 0.5 ? "" : "text", owners });
    }
    if (random() < 0.1) return deleteGroup(name);
    const changes: EntityChange[] = [];
    for (let count = 0; count < 3; count += 1) {
      const member = pick(identities);
      const key = `${name} ${foldIdentity(member as Identity)}`;
      if (!changes.some((change) => change.kind === "group_member" && change.key === key)) {
        changes.push(...toggle("group_member", key, { group: name, member }));
      }
    }
    const nested = pick(groupNames);
    if (random() < 0.3) {
      changes.push(...toggle("group_nested", `${name} ${nested}`, { group: name, nested }));
    }
    const glob = pick(globs);
    if (random() < 0.3) {
      changes.push(...toggle("group_glob", `${name} ${glob}`, { group: name, glob }));
    }
    return changes;
  }

  function deleteGroup(name: string): EntityChange[] {
    const changes: EntityChange[] = [];
    for (const kind of ["group_member", "group_glob", "group_nested"] as const) {
      for (const key of ofKind(kind).keys()) {
        if (key.startsWith(`${name} `)) changes.push(...drop(kind, key));
      }
    }
    return [...drop("group", name), ...changes];
  }

  function changePolicy(): EntityChange[] {
    const changes = put("project", "p", { name: "p" });
    const realm = pick(realms);
    const key = `p:${realm}`;
    if (!ofKind("realm").has(key)) {
      changes.push(...put("realm", key, { project: "p", name: realm, extends: [] }));
    }
    const role = pick(roles);
    const principals = [`group:${pick(groupNames)}`, pick(identities)].sort();
    const binding = { project: "p", realm, role, conditions: [], principals };
    const bindingKey = `["${key}","${role}",[]]`;
    if (random() < 0.7) changes.push(...put("binding", bindingKey, binding));
    else changes.push(...drop("binding", bindingKey));
    const pool = pick(pools);
    const body = { name: pool, realm: `p:${pick(realms)}`, defaultTaskRealm: "" };
    if (random() < 0.5) changes.push(...toggle("pool", pool, body));
    return changes;
  }

  function changeKeys(): EntityChange[] {
    const { body } = makeKey(pick(identities));
    const [known] = ofKind("api_key").values();
    if (random() < 0.5 || known === undefined) return put("api_key", body.id, body);
    const key = known as EntityBodies["api_key"];
    return put("api_key", key.id, { ...key, revokedAt: new Date(0).toISOString() });
  }

  function next(): RandomChange {
    const draw = random();
    const change =
      draw < 0.75
        ? { source: undefined, changes: changeGroup() }
        : draw < 0.9
          ? { source: "main", changes: changePolicy() }
          : { source: undefined, changes: changeKeys() };
    return change.changes.length === 0 ? next() : change;
  }
  return next;
}

/** A generator of numbers from 0 up to 1 that gives the same ones for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
