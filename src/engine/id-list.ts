/** A few ids, each once, in no order. Immutable: versions share it. There are as many lists as identities: none has room to spare. */
export type IdList = readonly number[];

/** The list of no ids. */
export const noIds: IdList = Object.freeze([]);

/** The list with one id more, which is not in it. */
export function withId(list: IdList, id: number): IdList {
  return list.concat(id);
}

/** The list without an id; undefined when none is left. */
export function withoutId(list: IdList, id: number): IdList | undefined {
  const at = list.indexOf(id);
  if (at < 0) return list;
  return list.length === 1 ? undefined : list.toSpliced(at, 1);
}
