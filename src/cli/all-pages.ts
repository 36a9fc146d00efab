import { ConnectError } from "@connectrpc/connect";
import { findErrorInfo } from "./error-status.ts";

/** How often a list is begun anew when it changes while it is read. */
const maxAttempts = 3;

/** What every page of a list has. */
export interface AnyPage {
  readonly nextPageToken: string;
}

/** The pages of a list, all of one revision. */
export type Pages<Page> = readonly [first: Page, ...others: Page[]];

/**
 * Fetches all pages of a list. A page token dies with its revision, so that a list is of one revision or
 * not complete: when it changes meanwhile it is read anew, a few times. `fetch` gets the page token, and the
 * first page once there is one. `isEnough` is asked after each page whether to leave the others.
 */
export async function allPages<Page extends AnyPage>(
  fetch: (pageToken: string, first: Page | undefined) => Promise<Page>,
  isEnough: () => boolean = () => false,
): Promise<Pages<Page>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await pagesOnce(fetch, isEnough);
    } catch (error) {
      if (attempt === maxAttempts || !isPageTokenInvalid(error)) throw error;
    }
  }
}

async function pagesOnce<Page extends AnyPage>(
  fetch: (pageToken: string, first: Page | undefined) => Promise<Page>,
  isEnough: () => boolean,
): Promise<Pages<Page>> {
  const first = await fetch("", undefined);
  const others: Page[] = [];
  for (let { nextPageToken } = first; nextPageToken !== "" && !isEnough();) {
    const page = await fetch(nextPageToken, first);
    others.push(page);
    ({ nextPageToken } = page);
  }
  return [first, ...others];
}

/** Whether a page token is refused: most often the list has changed since. */
export function isPageTokenInvalid(error: unknown): boolean {
  return error instanceof ConnectError && findErrorInfo(error)?.reason === "PAGE_TOKEN_INVALID";
}
