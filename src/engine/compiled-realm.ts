import type { Condition } from "../domain/model.ts";
import type { Membership } from "./group-graph.ts";
import type { Numbering } from "./numbering.ts";
import type { Marks } from "./marks.ts";
import { includesIdIn } from "./sorted-ids.ts";

/** The numbers that compiled realms have instead of texts. Groups have those of their lineage of graphs. */
export interface PolicyNames {
  readonly permissions: Numbering;
  /** Direct principals, folded. */
  readonly identities: Numbering;
}

/**
 * The bindings of one realm. Immutable; there are thousands, so they are flat:
 *
 * - `data[0]`: how many permissions are bound; `data[1]`: 1 if a principal was malformed;
 * - then the permissions, ascending; then for each where the record of those bound without conditions begins, 0: there
 *   is none; then for each where the list of its conditional records begins, 0: there is none;
 * - a record: its conditions (0: none, else the index in `conditions` and 1), how many groups, how many identities,
 *   the groups, the identities, both ascending. Permissions that are bound alike share it;
 * - a list: how many records, and where each begins.
 */
export interface CompiledRealm {
  readonly names: PolicyNames;
  readonly data: Uint32Array;
  /** Of the conditional records. */
  readonly conditions: readonly (readonly Condition[])[];
}

/** Whose permissions are asked for, in realms of the same names. */
export interface Asker {
  readonly membership: Membership;
  /** Shared by all who ask. */
  readonly marks: Marks;
}

/** How many words come before the permissions. */
export const headWords = 2;

/** How many words of a record come before its groups. */
export const recordWords = 3;

/** Whether the realm gives a permission to the asker. `attributes` are what conditions are about. */
export function gives(
  { names, data, conditions }: CompiledRealm,
  permission: number,
  asker: Asker,
  attributes: ReadonlyMap<string, string> | undefined,
): boolean {
  const count = data[0] ?? 0;
  const at = placeOf(data, count, permission);
  if (at < 0) return false;
  const record = data[at + count] ?? 0;
  if (record !== 0 && isIn(names, data, record, asker)) return true;
  // Conditions hold by attributes only.
  if (attributes === undefined || attributes.size === 0) return false;
  const list = data[at + 2 * count] ?? 0;
  const end = list === 0 ? 0 : list + (data[list] ?? 0);
  for (let next = list + 1; next <= end; next += 1) {
    const conditional = data[next] ?? 0;
    const guard = conditions[(data[conditional] ?? 0) - 1];
    if (guard?.every((it) => holds(it, attributes)) !== true) continue;
    if (isIn(names, data, conditional, asker)) return true;
  }
  return false;
}

function placeOf(data: Uint32Array, count: number, permission: number): number {
  let low = headWords;
  let high = headWords + count - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = data[middle] ?? 0;
    if (found === permission) return middle;
    if (found < permission) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function isIn(names: PolicyNames, data: Uint32Array, record: number, asker: Asker): boolean {
  const groups = record + recordWords;
  const identities = groups + (data[record + 1] ?? 0);
  if (asker.marks.isInAny(asker.membership, data, groups, identities)) return true;
  const end = identities + (data[record + 2] ?? 0);
  if (identities === end) return false;
  const direct = directOf(names, asker.membership);
  return direct !== nobody && includesIdIn(data, identities, end, direct);
}

const nobody = -1;

// Noted with the membership, which outlives the check: looking a text up costs as much as the rest.
function directOf({ identities }: PolicyNames, membership: Membership): number {
  const state = identities.state();
  if (membership.directIn !== state) {
    membership.direct = identities.find(membership.folded) ?? nobody;
    membership.directIn = state;
  }
  return membership.direct;
}

/** A condition holds when the attribute is present and has one of the values. */
function holds({ attribute, values }: Condition, attributes: ReadonlyMap<string, string>): boolean {
  const value = attributes.get(attribute);
  return value !== undefined && values.includes(value);
}
