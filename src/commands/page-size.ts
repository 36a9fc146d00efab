import { invalidField } from "../domain/errors.ts";

const defaultPageSize = 100;

/** The most entries that a page has, whatever page is asked for. */
export const maxPageSize = 1000;

/** How many entries a page may have that a request wants to have so many; 0: the default. Fails with INVALID_FIELD. */
export function requestedPageSize(pageSize: number): number {
  if (pageSize < 0) throw invalidField("page_size", "must not be negative");
  return pageSize === 0 ? defaultPageSize : Math.min(pageSize, maxPageSize);
}
