import { matchesGlob, parseGlob, type Glob } from "../domain/glob.ts";
import { identityKind, type Identity, type IdentityKind } from "../domain/identity.ts";

/** Globs with the ids of the groups that hold them, by the kind of identities that they match. */
export interface GlobIndex {
  /** Adds a glob of a group; false, and nothing is added, when it is malformed. */
  add(text: string, group: number): boolean;
  /** The groups of which a glob matches the identity as given; a group may come several times. */
  match(identity: Identity): readonly number[];
}

interface Entry {
  readonly glob: Glob;
  readonly groups: number[];
}

const none: readonly number[] = [];

/** Creates an empty index. A glob that many groups hold is matched once. */
export function createGlobIndex(): GlobIndex {
  const entries = new Map<string, Entry>();
  const buckets = new Map<IdentityKind, Entry[]>();

  function add(text: string, group: number): boolean {
    const known = entries.get(text);
    if (known !== undefined) {
      known.groups.push(group);
      return true;
    }
    const glob = parseGlob(text);
    if (glob === undefined) return false;
    const entry = { glob, groups: [group] };
    entries.set(text, entry);
    const bucket = buckets.get(glob.kind);
    if (bucket === undefined) buckets.set(glob.kind, [entry]);
    else bucket.push(entry);
    return true;
  }

  function match(identity: Identity): readonly number[] {
    const bucket = buckets.get(identityKind(identity));
    if (bucket === undefined) return none;
    const groups: number[] = [];
    for (const entry of bucket) {
      if (!matchesGlob(entry.glob, identity)) continue;
      for (const group of entry.groups) groups.push(group);
    }
    return groups;
  }

  return { add, match };
}
