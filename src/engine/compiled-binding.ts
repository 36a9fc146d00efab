import type { Condition } from "../domain/model.ts";
import { headWords, recordWords, type CompiledRealm } from "./compiled-realm.ts";
import type { SortedIds } from "./sorted-ids.ts";

/**
 * One binding as those read it who say why or compare, and do not check: applies to whoever is one of the
 * identities or in one of the groups, if all conditions hold.
 */
export interface CompiledBinding {
  readonly conditions: readonly Condition[];
  /** Direct principals, folded. */
  readonly identities: ReadonlySet<string>;
  readonly groups: SortedIds;
}

/** The bindings of one realm by permission: those without conditions as one, then the others. */
export type RealmBindings = ReadonlyMap<string, readonly CompiledBinding[]>;

const known = new WeakMap<CompiledRealm, RealmBindings>();

/**
 * The bindings of a realm: the same objects each time. They are made at the first call, and remembered with the realm, which
 * goes from policy to policy while nobody changes it.
 */
export function bindingsOf(realm: CompiledRealm): RealmBindings {
  const before = known.get(realm);
  if (before !== undefined) return before;
  const { data, names } = realm;
  const byRecord = new Map<number, CompiledBinding>();
  const bindings = new Map<string, readonly CompiledBinding[]>();
  const count = data[0] ?? 0;
  for (let at = headWords; at < headWords + count; at += 1) {
    const list = Array.from(recordsAt(data, count, at), (record) => {
      let binding = byRecord.get(record);
      if (binding === undefined) {
        binding = readBinding(realm, record);
        byRecord.set(record, binding);
      }
      return binding;
    });
    bindings.set(names.permissions.textOf(data[at] ?? 0), list);
  }
  known.set(realm, bindings);
  return bindings;
}

/** Tells of each binding of a realm: its groups, and how many permissions it gives, whether or not anybody declared them. */
export function countGifts(
  { data }: CompiledRealm,
  tell: (groups: SortedIds, permissions: number) => void,
): void {
  const counts = new Map<number, number>();
  const count = data[0] ?? 0;
  for (let at = headWords; at < headWords + count; at += 1) {
    for (const record of recordsAt(data, count, at)) {
      counts.set(record, (counts.get(record) ?? 0) + 1);
    }
  }
  for (const [record, permissions] of counts) tell(groupsAt(data, record), permissions);
}

/** Whether a binding of a realm names one of these groups. */
export function namesSomeOf(realm: CompiledRealm, groups: ReadonlySet<number>): boolean {
  let isNamed = false;
  if (groups.size === 0) return isNamed;
  forEachGroup(realm, (group) => {
    isNamed ||= groups.has(group);
  });
  return isNamed;
}

/** Visits the groups of all bindings of a realm; one may come several times. */
export function forEachGroup({ data }: CompiledRealm, visit: (group: number) => void): void {
  forEachRecord(data, (record) => {
    const start = record + recordWords;
    const end = start + (data[record + 1] ?? 0);
    for (let at = start; at < end; at += 1) visit(data[at] ?? 0);
  });
}

/** The same of the direct principals, by number. */
export function forEachIdentity({ data }: CompiledRealm, visit: (identity: number) => void): void {
  forEachRecord(data, (record) => {
    const start = record + recordWords + (data[record + 1] ?? 0);
    const end = start + (data[record + 2] ?? 0);
    for (let at = start; at < end; at += 1) visit(data[at] ?? 0);
  });
}

/** The same of the permissions that it gives, by number. */
export function forEachPermission(
  { data }: CompiledRealm,
  visit: (permission: number) => void,
): void {
  for (const permission of data.subarray(headWords, headWords + (data[0] ?? 0))) visit(permission);
}

function forEachRecord(data: Uint32Array, visit: (record: number) => void): void {
  const count = data[0] ?? 0;
  const seen = new Set<number>();
  for (let at = headWords; at < headWords + count; at += 1) {
    for (const record of recordsAt(data, count, at)) {
      if (seen.has(record)) continue;
      seen.add(record);
      visit(record);
    }
  }
}

/** Where the records of a permission begin, which stands at a place. */
function* recordsAt(data: Uint32Array, count: number, at: number): Generator<number> {
  const always = data[at + count] ?? 0;
  if (always !== 0) yield always;
  const list = data[at + 2 * count] ?? 0;
  const end = list === 0 ? 0 : list + (data[list] ?? 0);
  for (let next = list + 1; next <= end; next += 1) yield data[next] ?? 0;
}

function groupsAt(data: Uint32Array, record: number): SortedIds {
  const start = record + recordWords;
  return data.subarray(start, start + (data[record + 1] ?? 0));
}

function readBinding({ data, names, conditions }: CompiledRealm, record: number): CompiledBinding {
  const groups = groupsAt(data, record);
  const start = record + recordWords + groups.length;
  let identities: ReadonlySet<string> | undefined;
  return {
    conditions: conditions[(data[record] ?? 0) - 1] ?? [],
    groups,
    get identities() {
      identities ??= new Set(
        Array.from(data.subarray(start, start + (data[record + 2] ?? 0)), (number) =>
          names.identities.textOf(number),
        ),
      );
      return identities;
    },
  };
}
