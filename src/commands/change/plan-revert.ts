import { isDeepStrictEqual } from "node:util";
import { isPolicyChange } from "../../config/change-policies.ts";
import type { EntityChange } from "../../domain/entity.ts";
import { inverseOf } from "../../domain/inverse-change.ts";
import { unmanaged } from "../../domain/names.ts";
import { isGroupChange } from "../../engine/group-graph.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { parentOf, parentOfChange, type Parent } from "./entity-parents.ts";
import { entityName, presentEntities, type PresentEntities } from "./present-entities.ts";
import { changedBy, entityConflict } from "./revert-conflict.ts";

/** A change of the log that is to be undone. */
export interface LoggedWhole {
  readonly revision: bigint;
  readonly source: string | undefined;
  /** All of its items, in the order of kinds and keys. */
  readonly items: readonly (EntityChange & { readonly erased: boolean })[];
}

/**
 * The changes that undo a change, in the order of kinds and keys. Throws REVERT_CONFLICT for the first entity that is not
 * exactly as the change left it, that nobody may bring back, or that would stand without what it is a part of.
 * Whether the result is valid is another question.
 */
export function planRevert(state: ReplicaState, change: LoggedWhole): readonly EntityChange[] {
  const present = presentEntities(state);
  const changes = change.items.map((item) => undo(present, change, item));
  checkParents(state, present, change, changes);
  return changes;
}

function undo(
  present: PresentEntities,
  { revision, source }: LoggedWhole,
  item: LoggedWhole["items"][number],
): EntityChange {
  if (item.kind === "api_key") {
    const what = "is an API key, which is never brought back, and ends by being revoked";
    throw entityConflict(revision, item, what);
  }
  if (item.kind === "accepted_restore") {
    throw entityConflict(revision, item, "is an accepted restore, which cannot be taken back");
  }
  if (item.erased) {
    throw entityConflict(revision, item, "names a person who was erased from the log");
  }
  const found = present.find(item);
  const isAsLeft =
    found === undefined || item.after === undefined
      ? found === item.after
      : isDeepStrictEqual({ ...found.body, ...item.after }, { ...found.body });
  if (!isAsLeft) throw entityConflict(revision, item, "is not as that revision left it");
  const manager = source ?? unmanaged;
  if (found !== undefined && found.managedBy !== manager) {
    throw entityConflict(revision, item, "has got another manager since");
  }
  const { kind, key, before, after } = inverseOf(item);
  // The log of the previous release leaves out what it does not know: that stays as it is.
  const change = {
    kind,
    key,
    before: before && found?.body,
    after: after && { ...found?.body, ...after },
  };
  return change as EntityChange;
}

/** Nothing may come without what it is a part of, and nothing may stay when that goes. */
function checkParents(
  state: ReplicaState,
  present: PresentEntities,
  { revision, source }: LoggedWhole,
  changes: readonly EntityChange[],
): void {
  const byName = new Map(changes.map((change) => [entityName(change), change]));
  for (const change of changes) {
    const parent = parentOfChange(change);
    if (parent === undefined || change.before !== undefined) continue;
    const made = byName.get(entityName(parent));
    if (made?.after !== undefined) continue;
    const there = made === undefined ? present.find(asChange(parent)) : undefined;
    if (there === undefined) throw entityConflict(revision, parent, "is gone");
    if (there.managedBy !== (source ?? unmanaged)) {
      throw entityConflict(revision, parent, "has got another manager since");
    }
  }
  const gone = changes.filter(({ after }) => after === undefined);
  checkGroupsGone(state, revision, gone);
  if (!gone.some(isPolicyChange)) return;
  for (const { entity } of present.policies().values()) {
    const parent = parentOf(entity);
    const goes = parent && byName.get(entityName(parent));
    if (goes === undefined || goes.after !== undefined) continue;
    if (byName.has(entityName(entity))) continue;
    throw entityConflict(revision, entity, `has come since, as a part of ${entityName(goes)}`);
  }
}

/** As much of a change as an entity is found by. */
function asChange({ kind, key }: Parent): EntityChange {
  return { kind, key, before: undefined, after: { name: key } } as EntityChange;
}

function checkGroupsGone(
  { snapshot }: ReplicaState,
  revision: bigint,
  gone: readonly EntityChange[],
): void {
  const parts = Map.groupBy(gone, (change) => entityName(parentOfChange(change) ?? change));
  for (const change of gone) {
    if (change.kind !== "group" || !isGroupChange(change)) continue;
    const entry = snapshot.groups.entry(change.key);
    const left = (parts.get(entityName(change))?.length ?? 0) - 1;
    if (entry === undefined) continue;
    if (entry.members.size + entry.globs.length + entry.nested.length === left) continue;
    const what = "has got other members, globs or nested groups since";
    throw changedBy(entityConflict(revision, change, what), entry.revision);
  }
}
