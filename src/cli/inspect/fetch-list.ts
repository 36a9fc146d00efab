import type { Client } from "@connectrpc/connect";
import { InspectService } from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { allPages, type AnyPage, type Pages } from "../all-pages.ts";
import { pageFreshness, type FreshnessOptions } from "../check/check-options.ts";
import type { Cli } from "../cli.ts";
import { withConnection } from "../connection.ts";

/** The fields of a request for one page of a list. */
export type PageFields = ReturnType<typeof pageFreshness> & {
  readonly pageSize: number;
  readonly pageToken: string;
};

/** Fetches all pages of a list of InspectService. */
export function fetchList<Page extends AnyPage & { readonly revisionToken: string }>(
  cli: Cli,
  options: FreshnessOptions,
  fetch: (client: Client<typeof InspectService>, page: PageFields) => Promise<Page>,
): Promise<Pages<Page>> {
  return withConnection(cli, (connection) => {
    const client = connection.client(InspectService);
    return allPages<Page>((pageToken, first) => {
      const fresh = pageFreshness(options, first);
      return fetch(client, { pageSize: 1000, pageToken, ...fresh });
    });
  });
}
