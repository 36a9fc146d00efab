import { createHash } from "node:crypto";
import type { EntityChange } from "../domain/entity.ts";

/** Who made a change and why: what its hash covers and the erasure of a person may replace. */
export interface HashedWho {
  readonly author: string;
  readonly reason: string;
  readonly source: string | undefined;
  readonly requestId: string;
  readonly requestHash: string;
}

/** What the hash of a change covers beside its items. */
export interface HashedChange extends HashedWho {
  readonly revision: bigint;
  /** In whole milliseconds. */
  readonly at: Date;
}

/** What the hash of a change of the second form covers. */
export interface HashedParts {
  readonly revision: bigint;
  /** In whole milliseconds. */
  readonly at: Date;
  readonly whoHash: Uint8Array;
  readonly itemsHash: Uint8Array;
  readonly itemCount: number;
}

/** What an item hash covers. */
export type HashedItem = Pick<EntityChange, "kind" | "key" | "before" | "after">;

/** Takes the parts of a hash one after the other. */
export interface Hasher<Part> {
  readonly add: (part: Part) => void;
  /** The hash, 32 bytes. Ends it. */
  readonly digest: () => Uint8Array;
}

/** How long the salts of the second form are, in bytes. */
export const saltLength = 16;

/**
 * The hash of a change in the second form, 32 bytes, which chains it to the one before:
 *
 *     hash       = SHA-256(prev_hash, line(["fleetgate change 2", revision, at, who_hash, items_hash,
 *                  number of items]))
 *     who_hash   = SHA-256(salt, line([author, reason, source, request_id, request_hash]))
 *     items_hash = SHA-256(the hashes of all items by seq)
 *     item hash  = SHA-256(salt, line([kind, key, before, after]))
 *
 * `prev_hash` is 32 bytes, zero for revision 1; each salt is 16 random bytes of its own, so that nobody can
 * find out by trying what an item held once it and its salt are gone. A line is canonical JSON in UTF-8
 * and a line feed. Canonical JSON has no white space, the names of each object in the order of their UTF-16
 * code units, and strings as JSON.stringify writes them. `revision` and the number of items are strings of
 * decimal digits, hashes of 64 hexadecimal ones; `at` is in UTC, as 2026-01-31T23:59:59.000Z; whatever is
 * absent is null, `request_id` and `request_hash` together. `before` and `after` are the JSON of change_item.
 * So everything can be read back and verified, without the items too, or without who.
 */
export function linkHash(prevHash: Uint8Array, parts: HashedParts): Uint8Array {
  const header = [
    "fleetgate change 2",
    parts.revision.toString(),
    parts.at.toISOString(),
    hex(parts.whoHash),
    hex(parts.itemsHash),
    parts.itemCount.toString(),
  ];
  return sha256(prevHash, line(header));
}

/** The who_hash of a change: linkHash says how. */
export function whoHash(salt: Uint8Array, who: HashedWho): Uint8Array {
  return sha256(salt, line(whoFields(who)));
}

/** The hash of an item: linkHash says how. */
export function itemHash(salt: Uint8Array, item: HashedItem): Uint8Array {
  return sha256(salt, itemLine(item));
}

/** Makes an items_hash out of the hashes of items. */
export function itemsHasher(): Hasher<Uint8Array> {
  const hash = createHash("sha256");
  return { add: (part) => void hash.update(part), digest: () => new Uint8Array(hash.digest()) };
}

/**
 * The hash of a change in the first form, which the first release wrote:
 *
 *     SHA-256(prev_hash, line(["fleetgate change 1", revision, at, author, reason, source, request_id,
 *             request_hash, number of items]), line([kind, key, before, after]) for each item by seq)
 *
 * The words are those of linkHash. It cannot be verified without all items as they were.
 */
export function chainHash(
  prevHash: Uint8Array,
  change: HashedChange,
  items: readonly HashedItem[],
): Uint8Array {
  const hasher = chainHasher(prevHash, change, items.length);
  for (const item of items) hasher.add(item);
  return hasher.digest();
}

/** Makes a hash of the first form for a change of so many items, which come one after the other. */
export function chainHasher(
  prevHash: Uint8Array,
  change: HashedChange,
  itemCount: number,
): Hasher<HashedItem> {
  const hash = createHash("sha256").update(prevHash);
  const header = [
    "fleetgate change 1",
    change.revision.toString(),
    change.at.toISOString(),
    ...whoFields(change),
    itemCount.toString(),
  ];
  hash.update(line(header));
  return {
    add: (item) => void hash.update(itemLine(item)),
    digest: () => new Uint8Array(hash.digest()),
  };
}

/** Canonical JSON as linkHash defines it, for values of strings, booleans, null, arrays and plain objects. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(",")}}`;
}

/** SHA-256 of a value in canonical JSON. */
export function contentHash(value: unknown): Uint8Array {
  return new Uint8Array(createHash("sha256").update(canonicalJson(value)).digest());
}

function whoFields(who: HashedWho): readonly (string | null)[] {
  const hasRequest = who.requestId !== "";
  return [
    who.author,
    who.reason,
    who.source ?? null,
    hasRequest ? who.requestId : null,
    hasRequest ? who.requestHash : null,
  ];
}

function itemLine({ kind, key, before, after }: HashedItem): string {
  return line([kind, key, before ?? null, after ?? null]);
}

function line(value: unknown): string {
  return `${canonicalJson(value)}\n`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function sha256(first: Uint8Array, second: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(first).update(second).digest());
}
