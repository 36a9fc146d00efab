import { isDeepStrictEqual } from "node:util";
import { isPolicyChange } from "../../config/change-policies.ts";
import type { EntityChange } from "../../domain/entity.ts";
import type { DomainError } from "../../domain/errors.ts";
import { inverseOf } from "../../domain/inverse-change.ts";
import { unmanaged } from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import { isGroupChange } from "../../engine/group-graph.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { parentOf, parentOfChange, type Parent } from "./entity-parents.ts";
import { takeOverInForce, withEndedTakeOvers } from "../group/take-overs.ts";
import {
  entityName,
  groupOfChange,
  presentEntities,
  type PresentEntities,
  type PresentEntity,
} from "./present-entities.ts";
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
export function planRevert(
  state: ReplicaState,
  change: LoggedWhole,
  now: Date,
): readonly EntityChange[] {
  const present = presentEntities(state);
  const mayChange = (group: string, found: PresentEntity): boolean =>
    found.managedBy === managerThen(change) ||
    (change.source === undefined && takeOverInForce(state, group, now) !== undefined);
  checkTakenOver(state, change, now);
  const changes = change.items.map((item) => undo(present, change, item, mayChange));
  checkParents(state, present, change, changes, mayChange);
  return withEndedTakeOvers(state, changes);
}

/** Whether a group that is found may be changed by who undoes a change. */
type MayChange = (group: string, found: PresentEntity) => boolean;

function managerThen({ source }: Pick<LoggedWhole, "source">): string {
  return source ?? unmanaged;
}

/**
 * What a source manages and people have is not changed by undoing an apply; and a group that came from a source and
 * was deleted while people had it comes back from its files alone.
 */
function checkTakenOver(
  state: ReplicaState,
  { revision, source, items }: LoggedWhole,
  now: Date,
): void {
  for (const item of items) {
    if (source !== undefined && isGroupChange(item)) {
      const takeOver = takeOverInForce(state, groupOfChange(item), now);
      if (takeOver === undefined) continue;
      const what = `is of a group that is taken over until ${takeOver.expiresAt}: return it first`;
      throw entityConflict(revision, item, what);
    }
    if (source !== undefined || item.kind !== "group_take_over" || item.after !== undefined)
      continue;
    if (!items.some(({ kind, key, after }) => kind === "group" && key === item.key && !after))
      continue;
    const manager = quote(item.before?.source ?? "");
    const what = `was managed by source ${manager} when it was deleted: apply the files of the source`;
    throw entityConflict(revision, { kind: "group", key: item.key }, what);
  }
}

function undo(
  present: PresentEntities,
  { revision, source }: LoggedWhole,
  item: LoggedWhole["items"][number],
  mayChange: MayChange,
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
  if (found !== undefined && isGroupChange(item)) {
    if (!mayChange(groupOfChange(item), found)) throw otherManager(revision, source, item, found);
  } else if (found !== undefined && found.managedBy !== managerThen({ source })) {
    throw otherManager(revision, source, item, found);
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
  mayChange: MayChange,
): void {
  const byName = new Map(changes.map((change) => [entityName(change), change]));
  for (const change of changes) {
    const parent = parentOfChange(change);
    if (parent === undefined || change.before !== undefined) continue;
    const made = byName.get(entityName(parent));
    if (made?.after !== undefined) continue;
    const there = made === undefined ? present.find(asChange(parent)) : undefined;
    if (there === undefined) throw entityConflict(revision, parent, "is gone");
    const fits =
      change.kind === "group_take_over"
        ? there.managedBy === change.after?.source
        : parent.kind === "group"
          ? mayChange(parent.key, there)
          : there.managedBy === managerThen({ source });
    if (!fits) throw otherManager(revision, source, parent, there);
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

function otherManager(
  revision: bigint,
  source: string | undefined,
  entity: Parent,
  { managedBy }: PresentEntity,
): DomainError {
  // Groups of a source are edited otherwise only while they are taken over.
  const what =
    source === undefined && managedBy !== unmanaged && entity.kind.startsWith("group")
      ? `is managed by source ${quote(managedBy)}, and the group is not taken over now: take it over first`
      : "has got another manager since";
  return entityConflict(revision, entity, what);
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
