import { toEntities } from "../../config/entities.ts";
import { isPolicyChange } from "../../config/change-policies.ts";
import type { Entity, EntityChange } from "../../domain/entity.ts";
import { foldIdentity, parseIdentity } from "../../domain/identity.ts";
import { unmanaged } from "../../domain/names.ts";
import { isGroupChange, type GroupChange } from "../../engine/group-graph.ts";
import type { ReplicaState } from "../../replica/state.ts";

/** An entity as a state has it. */
export interface PresentEntity {
  readonly body: Entity["body"];
  /** The source that manages it, or the group or policy that it is a part of; `unmanaged`: none. */
  readonly managedBy: string;
}

/** Finds the entities of a state that changes name. */
export interface PresentEntities {
  /** The entity that a change is about; undefined: there is none. */
  readonly find: (change: EntityChange) => PresentEntity | undefined;
  /** All entities of policies, by kind and key. Made at the first call: it costs what the policies are. */
  readonly policies: () => ReadonlyMap<string, PresentEntity & { readonly entity: Entity }>;
}

/** The name of an entity among all. */
export function entityName({ kind, key }: Pick<EntityChange, "kind" | "key">): string {
  return `${kind} ${key}`;
}

/** Looks into a state. */
export function presentEntities(state: ReplicaState): PresentEntities {
  let index: ReturnType<PresentEntities["policies"]> | undefined;

  function policies(): ReturnType<PresentEntities["policies"]> {
    if (index !== undefined) return index;
    const made = new Map<string, PresentEntity & { readonly entity: Entity }>();
    for (const [managedBy, policy] of state.policies) {
      for (const entity of toEntities({ ...policy, groups: [] })) {
        made.set(entityName(entity), { body: entity.body, managedBy, entity });
      }
    }
    index = made;
    return made;
  }

  function find(change: EntityChange): PresentEntity | undefined {
    if (isGroupChange(change)) return findOfGroup(state, change);
    if (isPolicyChange(change)) return policies().get(entityName(change));
    if (change.kind === "group_take_over") {
      const body = state.takeOvers.get(change.key);
      return body && { body, managedBy: unmanaged };
    }
    if (change.kind !== "api_key") return undefined;
    const body = state.apiKeys.get(change.key);
    return body && { body, managedBy: unmanaged };
  }

  return { find, policies };
}

function findOfGroup(
  { snapshot }: ReplicaState,
  change: GroupChange["change"],
): PresentEntity | undefined {
  const entry = snapshot.groups.entry(groupOfChange(change));
  if (entry === undefined) return undefined;
  const { name, managedBy } = entry;
  switch (change.kind) {
    case "group": {
      const { description, owners } = entry;
      return { body: { name, description, owners }, managedBy };
    }
    case "group_member": {
      const identity = parseIdentity((change.after ?? change.before)?.member ?? "");
      const member = identity && entry.members.get(foldIdentity(identity));
      return member && { body: { group: name, member }, managedBy };
    }
    case "group_glob": {
      const { glob = "" } = change.after ?? change.before ?? {};
      return entry.globs.includes(glob) ? { body: { group: name, glob }, managedBy } : undefined;
    }
    default: {
      const { nested = "" } = change.after ?? change.before ?? {};
      return entry.nested.includes(nested)
        ? { body: { group: name, nested }, managedBy }
        : undefined;
    }
  }
}

/** The group that a change is about. */
export function groupOfChange({ before, after }: GroupChange["change"]): string {
  const body = after ?? before;
  if (body === undefined) return "";
  return "group" in body ? body.group : body.name;
}
