import { createHash } from "node:crypto";
import type { EntityChange } from "../domain/entity.ts";

/** What the hash of a change covers beside its items. */
export interface HashedChange {
  readonly revision: bigint;
  /** In whole milliseconds. */
  readonly at: Date;
  readonly author: string;
  readonly reason: string;
  readonly source: string | undefined;
  readonly requestId: string;
  readonly requestHash: string;
}

/**
 * The hash of a change, 32 bytes, which chains it to the one before:
 *
 *     SHA-256(prev_hash, line(["fleetgate change 1", revision, at, author, reason, source, request_id,
 *             request_hash, number of items]), line([kind, key, before, after]) for each item by seq)
 *
 * `prev_hash` is 32 bytes, zero for revision 1. A line is canonical JSON in UTF-8 and a line feed.
 * Canonical JSON has no white space, the names of each object in the order of their UTF-16 code units, and
 * strings as JSON.stringify writes them. `revision` and the number of items are strings of decimal digits;
 * `at` is in UTC, as 2026-01-31T23:59:59.000Z; whatever is absent is null, `request_id` and `request_hash`
 * together. `before` and `after` are the JSON of change_item. Everything can thus be read back and verified.
 */
export function chainHash(
  prevHash: Uint8Array,
  change: HashedChange,
  items: readonly EntityChange[],
): Uint8Array {
  const hasRequest = change.requestId !== "";
  const hash = createHash("sha256").update(prevHash);
  const header = [
    "fleetgate change 1",
    change.revision.toString(),
    change.at.toISOString(),
    change.author,
    change.reason,
    change.source ?? null,
    hasRequest ? change.requestId : null,
    hasRequest ? change.requestHash : null,
    items.length.toString(),
  ];
  hash.update(`${canonicalJson(header)}\n`);
  for (const { kind, key, before, after } of items) {
    hash.update(`${canonicalJson([kind, key, before ?? null, after ?? null])}\n`);
  }
  return new Uint8Array(hash.digest());
}

/** Canonical JSON as chainHash defines it, for values of strings, booleans, null, arrays and plain objects. */
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
