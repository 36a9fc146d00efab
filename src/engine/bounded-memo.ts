/** Remembers results up to a bound; what has not been used for long is forgotten first. */
export interface BoundedMemo<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): void;
  /** Forgets a key. */
  delete(key: K): void;
  /** Forgets everything. */
  clear(): void;
}

/** How much a memo may hold. */
export interface BoundedMemoOptions<V> {
  /** At most this many entries. */
  readonly maxEntries: number;
  /** At most this much by `weigh`, and one entry more. */
  readonly maxWeight: number;
  readonly weigh: (value: V) => number;
}

/**
 * Creates an empty memo. It keeps two generations, each of half the size: entries go into the young one
 * and come back into it when used; when it is full it becomes the old one, and the old one is dropped.
 */
export function createBoundedMemo<K, V>(options: BoundedMemoOptions<V>): BoundedMemo<K, V> {
  const maxEntries = Math.max(1, options.maxEntries >>> 1);
  const maxWeight = options.maxWeight / 2;
  let young = new Map<K, V>();
  let old = new Map<K, V>();
  let weight = 0;

  function set(key: K, value: V): void {
    const added = options.weigh(value);
    if (young.size >= maxEntries || (weight + added > maxWeight && young.size > 0)) {
      old = young;
      young = new Map();
      weight = 0;
    }
    young.set(key, value);
    weight += added;
  }

  function get(key: K): V | undefined {
    const hit = young.get(key);
    if (hit !== undefined) return hit;
    const kept = old.get(key);
    if (kept !== undefined) set(key, kept);
    return kept;
  }

  return {
    get,
    set,
    delete(key) {
      young.delete(key);
      old.delete(key);
    },
    clear() {
      if (young.size + old.size === 0) return;
      young = new Map();
      old = new Map();
      weight = 0;
    },
  };
}
