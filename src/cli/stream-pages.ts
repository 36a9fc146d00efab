import { isPageTokenInvalid, type AnyPage } from "./all-pages.ts";
import { CliError } from "./cli-error.ts";
import { exitCodes } from "./exit-code.ts";

/** How often a list is begun anew without getting further. */
const maxAttempts = 3;

/**
 * Yields the entries of a list page by page, so that a long one is shown while it arrives. Like allPages it begins
 * anew when the list changes meanwhile. What was yielded cannot be taken back: when the list no longer begins
 * like that, it ends with an error, so that what was shown is one state of the list or nobody takes it for one.
 */
export async function* streamPages<Page extends AnyPage>(
  fetch: (pageToken: string, first: Page | undefined) => Promise<Page>,
  entriesOf: (page: Page) => readonly string[],
): AsyncGenerator<readonly string[]> {
  const yielded: string[] = [];
  let attempts = 0;
  for (;;) {
    const before = yielded.length;
    try {
      yield* entriesOnce(fetch, entriesOf, yielded);
      return;
    } catch (error) {
      if (!isPageTokenInvalid(error)) throw error;
      attempts = yielded.length > before ? 1 : attempts + 1;
      if (attempts === maxAttempts) throw error;
    }
  }
}

async function* entriesOnce<Page extends AnyPage>(
  fetch: (pageToken: string, first: Page | undefined) => Promise<Page>,
  entriesOf: (page: Page) => readonly string[],
  yielded: string[],
): AsyncGenerator<readonly string[]> {
  const known = yielded.length;
  let at = 0;
  let first: Page | undefined;
  let pageToken = "";
  do {
    const page = await fetch(pageToken, first);
    first ??= page;
    const fresh: string[] = [];
    for (const entry of entriesOf(page)) {
      if (at >= known) {
        fresh.push(entry);
        yielded.push(entry);
      } else if (yielded[at] !== entry) throw changed(known);
      at += 1;
    }
    if (fresh.length > 0) yield fresh;
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  if (at < known) throw changed(known);
}

function changed(known: number): CliError {
  return new CliError(`the list changed while it was read: the ${known} lines shown are outdated`, {
    exitCode: exitCodes.failed,
    reason: "PAGE_TOKEN_INVALID",
    hint: "try again; --json shows nothing before the list is complete",
  });
}
