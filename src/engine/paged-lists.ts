import type { IdList } from "./id-list.ts";

/**
 * A list for each id, in pages: to read one costs two steps into arrays, whatever version it is. A change copies the
 * pages that it touches, and the table of pages, which is 256 times smaller than the number of ids.
 */
export interface PagedLists {
  readonly pages: readonly (Page | undefined)[];
}

type Page = readonly (IdList | undefined)[];

const pageBits = 8;
const pageSize = 1 << pageBits;

/** The list of an id; undefined: it has none. */
export function listAt({ pages }: PagedLists, id: number): IdList | undefined {
  return pages[id >>> pageBits]?.[id & (pageSize - 1)];
}

/** The lists after some changes; undefined: the id has none any more. */
export function withLists(
  before: PagedLists,
  changes: Iterable<readonly [number, IdList | undefined]>,
): PagedLists {
  const pages = [...before.pages];
  const copies = new Map<number, (IdList | undefined)[]>();
  for (const [id, list] of changes) {
    const at = id >>> pageBits;
    let page = copies.get(at);
    if (page === undefined) {
      page = pages[at] === undefined ? emptyPage() : [...pages[at]];
      copies.set(at, page);
      while (pages.length <= at) pages.push(undefined);
      pages[at] = page;
    }
    page[id & (pageSize - 1)] = list;
  }
  return { pages };
}

/** No list for any id. */
export const noLists: PagedLists = { pages: [] };

// Never an array with holes: those are looked up in prototypes too.
function emptyPage(): (IdList | undefined)[] {
  return Array.from({ length: pageSize }, () => undefined);
}
