import type { Identity } from "../../domain/identity.ts";
import { finish, forEachInSteps, type Steps } from "../../domain/steps.ts";
import { createVersionedMap, type VersionedMap } from "../versioned-map.ts";
import { pairsOfStep } from "./build-member-base.ts";
import type { IdentityIds } from "./identity-ids.ts";
import type { ListedPairs } from "./listed-pairs.ts";
import {
  findIdentity,
  lowerBound,
  nobody,
  spanOf,
  typedAt,
  type MemberBase,
} from "./member-base.ts";

/**
 * The members of a group in one version: identities, folded, with their texts as typed. A view of the base and of what
 * changed since. In no order; a walk stays in this version, whatever is advanced meanwhile, and costs the size.
 */
export interface GroupMembers {
  readonly size: number;
  get(folded: Identity): Identity | undefined;
  has(folded: Identity): boolean;
  keys(): IterableIterator<Identity>;
  values(): IterableIterator<Identity>;
  entries(): IterableIterator<readonly [Identity, Identity]>;
}

/** What a view has inside. */
interface View extends GroupMembers {
  readonly base: MemberBase | undefined;
  readonly group: number;
  readonly from: number;
  readonly to: number;
  /** What differs from the base: a text as typed, or `nobody` where a member went. */
  readonly own: Own | undefined;
}

type Own = VersionedMap<Identity, Identity>;

/** The members to be set, and with undefined those to be taken out. */
export type MemberChanges = ReadonlyMap<Identity, Identity | undefined>;

/** The members that a base has of a group. */
export function membersInBase(base: MemberBase, group: number): GroupMembers {
  const { from, to } = spanOf(base, group);
  return createView(base, group, from, to, undefined, to - from);
}

/** The members of a group that is new. */
export function noMembers(group: number): GroupMembers {
  return createView(undefined, group, 0, 0, undefined, 0);
}

/** How many members of a group changed since its base was made. */
export function countOwn(members: GroupMembers): number {
  return (members as View).own?.size ?? 0;
}

/** The members after changes; as VersionedMap makes its versions. */
export function changeMembers(
  members: GroupMembers,
  changes: MemberChanges,
  how: "advance" | "branch",
): GroupMembers {
  const { base, group, from, to, own, size } = members as View;
  let now = size;
  const set = new Map<Identity, Identity>();
  for (const [folded, typed] of changes) {
    now += Number(typed !== undefined) - Number(members.has(folded));
    set.set(folded, typed ?? nobody);
  }
  const next = (own ?? createVersionedMap<Identity, Identity>())[how](set);
  return createView(base, group, from, to, next, now);
}

/**
 * The same members on a base that was made of an earlier version, in which the members of the group were `then`. Only for
 * later versions of one line: there the differences from a base only become more. Costs what changed since.
 */
export function rebaseMembers(
  members: GroupMembers,
  then: GroupMembers | undefined,
  base: MemberBase,
): GroupMembers {
  const { own, base: old, group, size } = members as View;
  if (then === undefined) return members;
  const { own: before, base: baseThen } = then as View;
  const changed = before === undefined ? undefined : own?.keysSince(before);
  // A group that was deleted meanwhile and made again has nothing to do with what it was.
  const isSameLine = before === undefined || changed !== undefined;
  if (old === undefined && (baseThen !== undefined || !isSameLine)) return members;
  const later = new Map<Identity, Identity>();
  for (const folded of changed ?? own?.keys() ?? []) {
    const typed = own?.get(folded);
    if (typed !== undefined && before?.get(folded) !== typed) later.set(folded, typed);
  }
  const { from, to } = spanOf(base, group);
  return createView(base, group, from, to, createVersionedMap(later), size);
}

/** Adds the members to pairs. `ids` numbers what changed; `renumber` has other numbers for those of the base, if there are such. */
export function* copyMembers(
  members: GroupMembers,
  pairs: ListedPairs,
  ids: IdentityIds,
  renumber: ((id: number) => number) | undefined,
): Steps<void> {
  const { base, group, from, to, own } = members as View;
  pairs.begin(group);
  yield* forEachInSteps(own?.entries() ?? [], ([folded, typed]) => {
    if (typed === nobody) return;
    const id = ids.intern(folded);
    pairs.add(id);
    if (typed !== folded) pairs.type(id, typed);
  });
  if (base === undefined) return;
  const changed = yield* changedPlacesInSteps(members as View);
  const { oddAt, oddTexts } = base;
  if (changed.size === 0 && renumber === undefined) {
    for (let place = from; place < to; place += pairsOfStep) {
      if (place > from) yield;
      pairs.addAll(base.members.subarray(place, Math.min(to, place + pairsOfStep)));
    }
  } else {
    for (let place = from; place < to; place += 1) {
      if ((place - from) % pairsOfStep === pairsOfStep - 1) yield;
      const id = base.members[place] ?? 0;
      if (!changed.has(place)) pairs.add(renumber === undefined ? id : renumber(id));
    }
  }
  for (let odd = lowerBound(oddAt, from, 0, oddAt.length); odd < oddAt.length; odd += 1) {
    const place = oddAt[odd] ?? 0;
    if (place >= to) break;
    const id = base.members[place] ?? 0;
    const typed = oddTexts[odd];
    if (typed === undefined || changed.has(place)) continue;
    pairs.type(renumber === undefined ? id : renumber(id), typed);
  }
}

/** The places of the base at which there were members that changed since. */
function changedPlaces(view: View): ReadonlySet<number> {
  return finish(changedPlacesInSteps(view));
}

function* changedPlacesInSteps({ base, from, to, own }: View): Steps<ReadonlySet<number>> {
  if (base === undefined || own === undefined || from === to) return noPlaces;
  const places = new Set<number>();
  yield* forEachInSteps(own.keys(), (folded) => {
    const id = findIdentity(base, folded);
    if (id === undefined) return;
    const place = lowerBound(base.members, id, from, to);
    if (place < to && base.members[place] === id) places.add(place);
  });
  return places;
}

const noPlaces: ReadonlySet<number> = new Set();

// There are as many views as groups: they share their functions.
function createView(
  base: MemberBase | undefined,
  group: number,
  from: number,
  to: number,
  own: Own | undefined,
  size: number,
): View {
  return { base, group, from, to, own, size, get, has, keys, values, entries };
}

function get(this: View, folded: Identity): Identity | undefined {
  const { base, own } = this;
  const changed = own?.get(folded);
  if (changed !== undefined) return changed === nobody ? undefined : changed;
  if (base === undefined || this.from === this.to) return undefined;
  const id = findIdentity(base, folded);
  if (id === undefined) return undefined;
  const place = lowerBound(base.members, id, this.from, this.to);
  return place < this.to && base.members[place] === id ? typedAt(base, place) : undefined;
}

function has(this: View, folded: Identity): boolean {
  return this.get(folded) !== undefined;
}

function keys(this: View): IterableIterator<Identity> {
  const list = listOfBase(this, () => undefined);
  for (const [folded, typed] of this.own?.entries() ?? []) if (typed !== nobody) list.push(folded);
  return list.values();
}

function values(this: View): IterableIterator<Identity> {
  const { oddAt = noPlacesAt, oddTexts = [] } = this.base ?? {};
  let odd = lowerBound(oddAt, this.from, 0, oddAt.length);
  const list = listOfBase(this, (place) => {
    if (oddAt[odd] !== place) return undefined;
    odd += 1;
    return oddTexts[odd - 1];
  });
  for (const typed of this.own?.values() ?? []) if (typed !== nobody) list.push(typed);
  return list.values();
}

const noPlacesAt = new Uint32Array(0);

/** The members that are as in the base: their texts by place, else as folded. */
function listOfBase(view: View, textAt: (place: number) => Identity | undefined): Identity[] {
  const { base, from, to } = view;
  const list: Identity[] = [];
  if (base === undefined) return list;
  const { texts } = base.identities;
  const changed = changedPlaces(view);
  for (let place = from; place < to; place += 1) {
    const text = textAt(place) ?? texts[base.members[place] ?? 0];
    if (text !== undefined && (changed.size === 0 || !changed.has(place))) list.push(text);
  }
  return list;
}

function* entries(this: View): IterableIterator<readonly [Identity, Identity]> {
  const typed = this.values();
  for (const folded of this.keys()) yield [folded, typed.next().value ?? folded];
}
