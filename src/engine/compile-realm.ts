import type { ExpandedRealm } from "../domain/expanded.ts";
import { foldIdentity, parseIdentity } from "../domain/identity.ts";
import type { Condition } from "../domain/model.ts";
import { headWords, recordWords, type CompiledRealm, type PolicyNames } from "./compiled-realm.ts";
import type { GroupGraph } from "./group-graph.ts";

/** Makes the flat form of realms, for one policy: it remembers the numbers of texts that come again and again. */
export type CompileRealm = (realm: ExpandedRealm) => CompiledRealm;

/** A binding in numbers: groups and identities are sets in no order, permissions a set. */
interface Draft {
  readonly permissions: readonly number[];
  readonly groups: readonly number[];
  readonly identities: readonly number[];
}

/** The bindings without conditions and those with some of a realm, by permission: as indexes in lists of drafts. */
type ByPermission = Map<number, { readonly always: number[]; readonly sometimes: number[] }>;

const groupPrefix = "group:";
const malformed = -1;
const noConditions: readonly (readonly Condition[])[] = Object.freeze([]);

/** Creates the function, for all graphs of a lineage: groups that are created later have the ids that they have here. */
export function createRealmCompiler(names: PolicyNames, graph: GroupGraph): CompileRealm {
  // By principal: twice the id of a group, twice the number of an identity and 1, or `malformed`.
  const codes = new Map<string, number>();
  const permissionLists = new Map<readonly string[], readonly number[]>();
  const writer = createWriter();

  function codeOf(principal: string): number {
    let code = codes.get(principal);
    if (code === undefined) {
      code = newCode(principal);
      codes.set(principal, code);
    }
    return code;
  }

  function newCode(principal: string): number {
    if (principal.startsWith(groupPrefix)) {
      return 2 * graph.internGroup(principal.slice(groupPrefix.length));
    }
    const identity = parseIdentity(principal);
    if (identity === undefined) return malformed;
    return 2 * names.identities.intern(foldIdentity(identity)) + 1;
  }

  function numbersOf(permissions: readonly string[]): readonly number[] {
    let numbers = permissionLists.get(permissions);
    if (numbers === undefined) {
      numbers = [...new Set(permissions.map((name) => names.permissions.intern(name)))];
      permissionLists.set(permissions, numbers);
    }
    return numbers;
  }

  return (realm) => {
    const drafts: Draft[] = [];
    const guards: (readonly Condition[])[] = [];
    const byPermission: ByPermission = new Map();
    let hasMalformed = false;
    for (const { principals, permissions, conditions } of realm.bindings) {
      const groups: number[] = [];
      const identities: number[] = [];
      for (const principal of principals) {
        const code = codeOf(principal);
        if (code === malformed) hasMalformed = true;
        else if (code % 2 === 0) groups.push(code / 2);
        else identities.push((code - 1) / 2);
      }
      // Such a binding gives nothing to anybody.
      if (groups.length + identities.length === 0) continue;
      const draft = { permissions: numbersOf(permissions), groups, identities };
      for (const permission of draft.permissions) {
        let bound = byPermission.get(permission);
        if (bound === undefined) {
          bound = { always: [], sometimes: [] };
          byPermission.set(permission, bound);
        }
        (conditions.length === 0 ? bound.always : bound.sometimes).push(drafts.length);
      }
      drafts.push(draft);
      guards.push(conditions);
    }
    const used = guards.filter((conditions) => conditions.length > 0).map(copyOf);
    const data = writer.write(drafts, guards, byPermission, hasMalformed);
    return { names, data, conditions: used.length === 0 ? noConditions : used };
  };
}

/** Whoever made a binding may change it: a snapshot keeps nothing of what it was made of. */
function copyOf(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.map(({ attribute, values }) => ({ attribute, values: [...values] }));
}

interface Writer {
  readonly write: (
    drafts: readonly Draft[],
    guards: readonly (readonly Condition[])[],
    byPermission: ByPermission,
    hasMalformed: boolean,
  ) => Uint32Array;
}

/** Writes one realm after the other into memory of its own, and copies what it came to. */
function createWriter(): Writer {
  let words = new Uint32Array(1 << 12);
  let length = 0;

  function put(word: number): void {
    if (length === words.length) {
      const larger = new Uint32Array(2 * length);
      larger.set(words);
      words = larger;
    }
    words[length] = word;
    length += 1;
  }

  function putSet(ids: Iterable<number>): number {
    const begin = length;
    for (const id of new Set(ids)) put(id);
    words.subarray(begin, length).sort();
    return length - begin;
  }

  /** Returns where the record begins. */
  function putRecord(united: readonly Draft[], condition: number): number {
    const begin = length;
    put(condition);
    put(0);
    put(0);
    // The words may move meanwhile.
    const groups = putSet(united.flatMap((draft) => draft.groups));
    const identities = putSet(united.flatMap((draft) => draft.identities));
    words[begin + 1] = groups;
    words[begin + recordWords - 1] = identities;
    return begin;
  }

  return {
    write(drafts, guards, byPermission, hasMalformed) {
      length = 0;
      const permissions = [...byPermission.keys()].sort((left, right) => left - right);
      const count = permissions.length;
      put(count);
      put(hasMalformed ? 1 : 0);
      for (const permission of permissions) put(permission);
      for (let index = 0; index < 2 * count; index += 1) put(0);
      // The permissions of one role are bound alike, so equal lists come again and again.
      const records = new Map<string, number>();
      const recordOf = (list: readonly number[], condition: number): number => {
        const key = list.join();
        let record = records.get(key);
        if (record === undefined) {
          record = putRecord(
            list.map((index) => drafts[index] as Draft),
            condition,
          );
          records.set(key, record);
        }
        return record;
      };
      // The conditions of the drafts that have some are numbered in their order.
      const conditionOf: number[] = [];
      let conditions = 0;
      for (const guard of guards) {
        if (guard.length > 0) conditions += 1;
        conditionOf.push(guard.length > 0 ? conditions : 0);
      }
      for (const [index, permission] of permissions.entries()) {
        const bound = byPermission.get(permission);
        if (bound === undefined) continue;
        const { always, sometimes } = bound;
        if (always.length > 0) {
          const record = recordOf(always, 0);
          words[headWords + count + index] = record;
        }
        if (sometimes.length === 0) continue;
        const starts = sometimes.map((draft) => recordOf([draft], conditionOf[draft] ?? 0));
        words[headWords + 2 * count + index] = length;
        put(starts.length);
        for (const start of starts) put(start);
      }
      return words.slice(0, length);
    },
  };
}
