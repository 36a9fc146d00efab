import type { Selectable } from "kysely";
import {
  chainHasher,
  itemHash,
  itemsHasher,
  linkHash,
  whoHash,
  type HashedChange,
  type HashedItem,
} from "../chain-hash.ts";
import type { ChangeItemTable, ChangeTable } from "../schema.ts";

/** A row of `change`, and how many items its summary counts. */
export type Header = Selectable<ChangeTable> & { readonly summarized: number };

/** A row of `change_item` without its revision. */
export type ItemRow = Omit<Selectable<ChangeItemTable>, "revision">;

/** What the verification of one change found. */
export interface VerifiedChange {
  /** What does not fit; empty: everything does. */
  readonly faults: readonly string[];
  /** How many items have hashes that fit. */
  readonly items: bigint;
  readonly itemsErased: bigint;
  /** Whether no hash vouches for author, reason and request any more, since a person was erased. */
  readonly whoErased: boolean;
}

/** Whether two byte strings are the same. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/** Verifies a change by itself: not whether it continues the one before. */
export async function verifyChange(
  header: Header,
  items: AsyncIterable<readonly ItemRow[]>,
): Promise<VerifiedChange> {
  return header.who_hash === null
    ? verifyFirstForm(header, items)
    : verifySecondForm(header, header.who_hash, items);
}

/**
 * In the first form one hash covers everything: a change of which items are pruned or anything is erased can be
 * verified no more, only that the next one continues it.
 */
async function verifyFirstForm(
  header: Header,
  items: AsyncIterable<readonly ItemRow[]>,
): Promise<VerifiedChange> {
  const hasher = chainHasher(header.prev_hash, toHashed(header), header.summarized);
  let count = 0n;
  let erased = 0n;
  const faults: string[] = [];
  for await (const batch of items) {
    for (const row of batch) {
      count += 1n;
      if (BigInt(row.seq) !== count && faults.length === 0) faults.push(itemMissing(count));
      if (row.erased) erased += 1n;
      else hasher.add(toItem(row));
    }
  }
  if (!header.items_pruned && count !== BigInt(header.summarized)) faults.push(wrongSummary);
  const whole = !header.items_pruned && !header.erased && erased === 0n;
  if (whole && !sameBytes(hasher.digest(), header.hash)) {
    faults.push("its hash does not fit what it holds");
  }
  const verified = whole && faults.length === 0 ? count : 0n;
  // The one hash is gone with any part of it.
  const whoErased = header.erased || erased > 0n;
  return { faults, items: verified, itemsErased: erased, whoErased };
}

async function verifySecondForm(
  header: Header,
  storedWhoHash: Uint8Array,
  items: AsyncIterable<readonly ItemRow[]>,
): Promise<VerifiedChange> {
  const faults: string[] = [];
  const itemsHash = header.items_hash ?? new Uint8Array();
  const itemCount = header.item_count ?? 0;
  const { revision, at } = header;
  const parts = { revision, at, whoHash: storedWhoHash, itemsHash, itemCount };
  if (!sameBytes(linkHash(header.prev_hash, parts), header.hash)) {
    faults.push("its hash does not fit what it covers");
  }
  if (header.salt === null) {
    if (!header.erased) faults.push("the salt of its author and reason is missing");
  } else if (!sameBytes(whoHash(header.salt, toHashed(header)), storedWhoHash)) {
    faults.push("author, reason, source or request are not what was written");
  }
  if (header.summarized !== itemCount) faults.push(wrongSummary);
  const whoErased = header.salt === null;
  if (header.items_pruned) return { faults, items: 0n, itemsErased: 0n, whoErased };
  const verified = await verifyItems(items, itemCount, itemsHash);
  faults.push(...verified.faults);
  return { ...verified, faults, whoErased };
}

async function verifyItems(
  items: AsyncIterable<readonly ItemRow[]>,
  itemCount: number,
  itemsHash: Uint8Array,
): Promise<Omit<VerifiedChange, "whoErased">> {
  const faults: string[] = [];
  const hasher = itemsHasher();
  let count = 0;
  let erased = 0n;
  for await (const batch of items) {
    for (const row of batch) {
      count += 1;
      if (row.seq !== count && faults.length === 0) faults.push(itemMissing(BigInt(count)));
      if (row.erased) erased += 1n;
      const hash = hashOf(row);
      if (hash !== undefined) hasher.add(hash);
      else if (faults.length === 0) faults.push(`item ${row.seq} has no salt`);
    }
  }
  if (count !== itemCount) faults.push(`it has ${count} items, but ${itemCount} were written`);
  else if (faults.length === 0 && !sameBytes(hasher.digest(), itemsHash)) {
    faults.push("its items are not what was written");
  }
  const good = faults.length === 0 ? BigInt(count) - erased : 0n;
  return { faults, items: good, itemsErased: erased };
}

function hashOf(row: ItemRow): Uint8Array | undefined {
  if (row.erased) return row.hash ?? undefined;
  return row.salt === null ? undefined : itemHash(row.salt, toItem(row));
}

const wrongSummary = "its summary does not count its items";

function itemMissing(seq: bigint): string {
  return `item ${seq} is missing`;
}

function toItem({ kind, key, before, after }: ItemRow): HashedItem {
  return { kind, key, before: before ?? undefined, after: after ?? undefined } as HashedItem;
}

function toHashed(header: Header): HashedChange {
  return {
    revision: header.revision,
    at: header.at,
    author: header.author,
    reason: header.reason,
    source: header.source ?? undefined,
    requestId: header.request_id ?? "",
    requestHash: header.request_hash ?? "",
  };
}
