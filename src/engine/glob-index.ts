import { matchesGlob, parseGlob, type Glob } from "../domain/glob.ts";
import { identityKind, type Identity, type IdentityKind } from "../domain/identity.ts";
import { noIds, withId, withoutId, type IdList } from "./id-list.ts";

/** Globs with the groups that hold them, by the kind of identities that they match. Immutable. */
export type GlobIndex = ReadonlyMap<IdentityKind, Bucket>;

/** The globs of one kind, in the order of their texts: a glob that many groups hold is matched once. */
type Bucket = readonly Holders[];

/** A glob and the groups that hold it. Other groups make another object. */
export interface Holders {
  readonly glob: Glob;
  readonly groups: IdList;
}

/** A glob that a group comes to hold, or ceases to hold. */
export interface GlobEdit {
  readonly glob: Glob;
  readonly group: number;
  readonly isHeld: boolean;
}

/** The groups of which a glob matches the identity as given; a group may come several times. */
export function matchGlobs(index: GlobIndex, identity: Identity): IdList {
  return matchHolders(index, identity).flatMap(({ groups }) => groups);
}

/** The globs that match the identity as given, with the groups that hold them. */
export function matchHolders(index: GlobIndex, identity: Identity): readonly Holders[] {
  const bucket = index.get(identityKind(identity));
  if (bucket === undefined) return noHolders;
  const found: Holders[] = [];
  for (const holders of bucket) if (matchesGlob(holders.glob, identity)) found.push(holders);
  return found;
}

const noHolders: readonly Holders[] = [];

/** The groups that hold a glob of this very text. */
export function groupsWithGlob(index: GlobIndex, text: string): IdList {
  const kind = parseGlob(text)?.kind;
  const bucket = kind && index.get(kind);
  const found = bucket?.[placeOf(bucket, text)];
  return found?.glob.text === text ? found.groups : noIds;
}

/** Makes an index of globs with all groups that hold each, given in any order. */
export function createGlobIndex(all: Iterable<Holders>): GlobIndex {
  const buckets = new Map<IdentityKind, Holders[]>();
  for (const holders of all) {
    const bucket = buckets.get(holders.glob.kind);
    if (bucket === undefined) buckets.set(holders.glob.kind, [holders]);
    else bucket.push(holders);
  }
  for (const bucket of buckets.values()) {
    bucket.sort((left, right) => (left.glob.text < right.glob.text ? -1 : 1));
  }
  return buckets;
}

/** The index after edits, each of which must change something. A kind that is edited is copied. */
export function editGlobs(index: GlobIndex, edits: readonly GlobEdit[]): GlobIndex {
  if (edits.length === 0) return index;
  const buckets = new Map(index);
  const copies = new Map<IdentityKind, Holders[]>();
  for (const edit of edits) {
    const { kind } = edit.glob;
    let bucket = copies.get(kind);
    if (bucket === undefined) {
      bucket = [...(index.get(kind) ?? [])];
      copies.set(kind, bucket);
      buckets.set(kind, bucket);
    }
    editBucket(bucket, edit);
  }
  return buckets;
}

function editBucket(bucket: Holders[], { glob, group, isHeld }: GlobEdit): void {
  const place = placeOf(bucket, glob.text);
  const at = bucket[place];
  const known = at?.glob.text === glob.text ? at : undefined;
  const groups = isHeld
    ? withId(known?.groups ?? noIds, group)
    : withoutId(known?.groups ?? noIds, group);
  const replaced = known === undefined ? 0 : 1;
  if (groups === undefined) bucket.splice(place, replaced);
  else bucket.splice(place, replaced, { glob: known?.glob ?? glob, groups });
}

/** Where the text is, or where it belongs. */
function placeOf(bucket: Bucket, text: string): number {
  let low = 0;
  let high = bucket.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bucket[middle]?.glob.text ?? "") < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
