import type { Client } from "@connectrpc/connect";
import { InspectService } from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { allPages, type AnyPage, type Pages } from "../all-pages.ts";
import { freshness, type FreshnessOptions } from "../check/check-options.ts";
import type { Cli } from "../cli.ts";
import { withConnection } from "../connection.ts";

/** The fields of a request for one page of a list. */
export type PageFields = ReturnType<typeof freshness> & {
  readonly pageSize: number;
  readonly pageToken: string;
};

/**
 * Fetches all pages of a list of InspectService. Each page after the first is asked for at the revision of the
 * first or later, so that a server that is behind catches up instead of refusing the page token.
 */
export function fetchList<Page extends AnyPage>(
  cli: Cli,
  options: FreshnessOptions,
  fetch: (client: Client<typeof InspectService>, page: PageFields) => Promise<Page>,
): Promise<Pages<Page>> {
  return withConnection(cli, (connection) => {
    const client = connection.client(InspectService);
    return allPages<Page>((pageToken, first) => {
      const fresh = freshness(
        first === undefined ? options : { atLeastAsFresh: first.revisionToken },
      );
      return fetch(client, { pageSize: 1000, pageToken, ...fresh });
    });
  });
}
