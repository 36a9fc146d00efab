/**
 * A map of which every version stays as it is. The newest version of a line costs what a plain Map costs, to
 * read and to advance; an older version and a branch cost a look at the differences from it. No value is undefined.
 */
export interface VersionedMap<K, V> {
  readonly size: number;
  get(key: K): V | undefined;
  has(key: K): boolean;
  /** In no order. A walk stays in this version, whatever is advanced meanwhile; beginning one costs the size. */
  keys(): IterableIterator<K>;
  /** In no order, as keys(). */
  values(): IterableIterator<V>;
  /** In no order, as keys(). */
  entries(): IterableIterator<readonly [K, V]>;
  /**
   * The next version: keys with a value are set, keys with undefined are deleted; of several changes of one key
   * the last counts. Of the newest version of a line it makes the newest one, at the cost of the changes. Of any other
   * version it makes a branch.
   */
  advance(changes: Changes<K, V>): VersionedMap<K, V>;
  /** A version with changes that leaves the line alone: this one stays the newest if it is. */
  branch(changes: Changes<K, V>): VersionedMap<K, V>;
  /**
   * The keys of which the values may be others than in an older version, when this is the newest one of its line;
   * undefined when it is not, or `older` is not of the line. Costs the changes since.
   */
  keysSince(older: VersionedMap<K, V>): ReadonlySet<K> | undefined;
}

/** Keys with their new values; undefined: the key goes. */
export type Changes<K, V> = Iterable<readonly [K, V | undefined]>;

/**
 * What a version holds. The newest one of a line has the map itself. Any other has the keys in which it differs
 * from another version, with its own values: that is a newer one of its line, or what it was branched from.
 */
type Content<K, V> =
  | { readonly kind: "newest"; readonly map: Map<K, V> }
  | {
      readonly kind: "other";
      readonly own: Map<K, V | undefined>;
      readonly base: Version<K, V>;
    };

interface Version<K, V> extends VersionedMap<K, V> {
  content: Content<K, V>;
}

/** The first version of a line. It takes the map over: nobody else may change it, or read it later. */
export function createVersionedMap<K, V>(map: Map<K, V> = new Map<K, V>()): VersionedMap<K, V> {
  return createVersion({ kind: "newest", map }, map.size);
}

// There are tens of thousands of versions at a time, one for each group: they share their functions.
function createVersion<K, V>(content: Content<K, V>, size: number): Version<K, V> {
  return { content, size, get, has, keys, values, entries, advance, branch, keysSince };
}

function get<K, V>(this: Version<K, V>, key: K): V | undefined {
  const { content } = this;
  return content.kind === "newest" ? content.map.get(key) : getFromOther(this, key);
}

function has<K, V>(this: Version<K, V>, key: K): boolean {
  const { content } = this;
  return (content.kind === "newest" ? content.map.get(key) : getFromOther(this, key)) !== undefined;
}

function getFromOther<K, V>(version: Version<K, V>, key: K): V | undefined {
  for (let at = version; ;) {
    const content = shorten(at);
    if (content.kind === "newest") return content.map.get(key);
    const value = content.own.get(key);
    if (value !== undefined || content.own.has(key)) return value;
    at = content.base;
  }
}

/**
 * Joins a version with its base until that is the newest one or has more than twice as many keys of its own. So
 * the ways to the newest version stay short, a key is copied few times, and versions that nobody holds any more go.
 */
function shorten<K, V>(version: Version<K, V>): Content<K, V> {
  let { content } = version;
  while (content.kind === "other") {
    const next: Content<K, V> = content.base.content;
    if (next.kind === "newest" || next.own.size > 2 * content.own.size) break;
    for (const [key, value] of next.own) if (!content.own.has(key)) content.own.set(key, value);
    content = { kind: "other", own: content.own, base: next.base };
    version.content = content;
  }
  return content;
}

/** The keys of this moment: a list of its own, since the map of the line goes on to change. */
function listKeys<K, V>(version: Version<K, V>): K[] {
  const own = new Map<K, V | undefined>();
  for (let at = version; ;) {
    const content = shorten(at);
    if (content.kind === "newest") {
      if (own.size === 0) return [...content.map.keys()];
      const list: K[] = [];
      for (const key of content.map.keys()) if (!own.has(key)) list.push(key);
      for (const [key, value] of own) if (value !== undefined) list.push(key);
      return list;
    }
    for (const [key, value] of content.own) if (!own.has(key)) own.set(key, value);
    at = content.base;
  }
}

function keys<K, V>(this: Version<K, V>): IterableIterator<K> {
  return listKeys(this).values();
}

function values<K, V>(this: Version<K, V>): IterableIterator<V> {
  const { content } = this;
  // Of a large map this is ten times as fast as to look up each key.
  return content.kind === "newest" ? [...content.map.values()].values() : valuesOfOther(this);
}

function* valuesOfOther<K, V>(version: Version<K, V>): IterableIterator<V> {
  for (const [, value] of version.entries()) yield value;
}

function* entries<K, V>(this: Version<K, V>): IterableIterator<readonly [K, V]> {
  for (const key of listKeys(this)) {
    const value = this.get(key);
    if (value !== undefined) yield [key, value];
  }
}

function advance<K, V>(this: Version<K, V>, changes: Changes<K, V>): VersionedMap<K, V> {
  const { content } = this;
  if (content.kind === "other") return this.branch(changes);
  // All of the changes are taken in before the first counts: what makes them may throw.
  const wanted = [...changes];
  const { map } = content;
  const replaced = new Map<K, V | undefined>();
  for (const [key, value] of wanted) {
    const old = map.get(key);
    if (old === value) continue;
    if (!replaced.has(key)) replaced.set(key, old);
    if (value === undefined) map.delete(key);
    else map.set(key, value);
  }
  const next = createVersion(content, map.size);
  this.content = { kind: "other", own: replaced, base: next };
  return next;
}

function branch<K, V>(this: Version<K, V>, changes: Changes<K, V>): VersionedMap<K, V> {
  const own = new Map(changes);
  let { size } = this;
  for (const [key, value] of own) size += Number(value !== undefined) - Number(this.has(key));
  const version = createVersion({ kind: "other", own, base: this }, size);
  shorten(version);
  return version;
}

function keysSince<K, V>(
  this: Version<K, V>,
  older: VersionedMap<K, V>,
): ReadonlySet<K> | undefined {
  const changed = new Set<K>();
  for (let at = older as Version<K, V>; at !== this;) {
    const { content } = at;
    if (content.kind === "newest") return undefined;
    for (const key of content.own.keys()) changed.add(key);
    at = content.base;
  }
  return changed;
}
