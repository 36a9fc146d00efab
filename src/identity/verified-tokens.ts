import { createHash, type KeyObject } from "node:crypto";

/**
 * Remembers of which tokens a key has verified the signature. Nothing is decided by that: audience, times and
 * rules are judged at every call. What is remembered dies with the key object, and so when keys are loaded anew.
 */
export interface VerifiedTokens {
  has(key: KeyObject, token: string): boolean;
  add(key: KeyObject, token: string): void;
}

/** The tokens of one key, in two generations: when the young one is full, the old one is forgotten. */
interface Generations {
  young: Set<string>;
  old: Set<string>;
}

/** Creates an empty memory of at most `maxTokens` for each key. It holds SHA-256 of tokens, no token. */
export function createVerifiedTokens(maxTokens: number): VerifiedTokens {
  const byKey = new WeakMap<KeyObject, Generations>();
  const half = Math.max(1, maxTokens >>> 1);

  function add(generations: Generations, digest: string): void {
    if (generations.young.size >= half) {
      generations.old = generations.young;
      generations.young = new Set();
    }
    generations.young.add(digest);
  }

  return {
    has(key, token) {
      const generations = byKey.get(key);
      if (generations === undefined) return false;
      const digest = digestOf(token);
      if (generations.young.has(digest)) return true;
      if (!generations.old.has(digest)) return false;
      // What is used stays.
      add(generations, digest);
      return true;
    },
    add(key, token) {
      let generations = byKey.get(key);
      if (generations === undefined) {
        generations = { young: new Set(), old: new Set() };
        byKey.set(key, generations);
      }
      add(generations, digestOf(token));
    },
  };
}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
