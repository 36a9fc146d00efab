import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { Option } from "commander";
import type { Client } from "@connectrpc/connect";
import {
  ChangeService,
  ListChangesResponseSchema,
  type ListChangesRequestSchema,
  type ListChangesResponse,
} from "../../gen/fleetgate/admin/v1/change_service_pb.ts";
import { allPages } from "../all-pages.ts";
import { countArgument, filledArgument } from "../arguments.ts";
import { usageError } from "../cli-error.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { printList, printMessage, printNotes, toColumns } from "../print.ts";
import { changeHeader, toChangeRow } from "./format-change.ts";
import { timeArgument } from "./time-argument.ts";

interface ListOptions {
  readonly author?: string;
  readonly source?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly key?: string;
  readonly since?: Timestamp;
  readonly until?: Timestamp;
  readonly limit: number;
  readonly all?: boolean;
}

/** Adds `log list`, which is what `log` by itself does. */
export const addLogList: AddCommand = (parent, cli) => {
  parent
    .command("list", { isDefault: true })
    .description(
      "List who changed what, when and why, the newest first. `fleetgate log` by itself does the same. For readers; with --group for owners of the group.",
    )
    .option(
      "--author <author>",
      "only changes of this identity; or of bootstrap, accept-restore or operator, who had the database",
      filledArgument,
    )
    .option("--source <name>", "only what was applied from this source", filledArgument)
    .option("--group <group>", "only changes of this group", filledArgument)
    .option("--kind <kind>", "only changes of entities of this kind, e.g. pool", filledArgument)
    .option("--key <key>", "only changes of this entity of the kind", filledArgument)
    .option("--since <time>", "from then on: 2026-01-31, 2026-01-31T12:00:00Z or 7d", timeArgument)
    .option("--until <time>", "before then, written likewise", timeArgument)
    .addOption(
      new Option("--limit <count>", "how many at most").argParser(countArgument).default(100),
    )
    .addOption(new Option("--all", "all of them, however many").conflicts("limit"))
    .addHelpText(
      "after",
      examples(
        ["what changed lately?", "fleetgate log --since 7d"],
        ["who changed this group?", "fleetgate log list --group linux-devs"],
        ["what became of a pool?", "fleetgate log --kind pool --key chromium.gpu"],
      ),
    )
    .action(
      cli.action(async (options: ListOptions) => {
        const { all = false, limit } = options;
        if (limit === 0) throw usageError("--limit must be at least 1");
        const { changes, revisionToken, isWhole } = await withConnection(cli, (connection) =>
          fetchChanges(connection.client(ChangeService), toFilter(options), all ? Infinity : limit),
        );
        if (cli.globals().json) {
          const whole = create(ListChangesResponseSchema, { changes, revisionToken });
          printMessage(cli.io, ListChangesResponseSchema, whole);
        } else if (changes.length === 0) {
          printNotes(cli.io, "no changes");
        } else {
          printList(cli.io, toColumns([changeHeader, ...changes.map(toChangeRow)]));
        }
        if (!isWhole) {
          printNotes(cli.io, `there are older changes: --limit or --all shows more than ${limit}`);
        }
        return exitCodes.ok;
      }),
    );
};

type Filter = MessageInitShape<typeof ListChangesRequestSchema>;

function toFilter(options: ListOptions): Filter {
  const { author = "", source = "", group = "", kind = "", key = "", since, until } = options;
  if (key !== "" && kind === "") {
    throw usageError("--key goes with --kind", "a pool: --kind pool --key NAME");
  }
  return {
    ...{ author, source, group, kind, key },
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

interface Fetched extends Pick<ListChangesResponse, "changes" | "revisionToken"> {
  /** Whether no change that passes the filter is left out. */
  readonly isWhole: boolean;
}

async function fetchChanges(
  client: Client<typeof ChangeService>,
  filter: Filter,
  limit: number,
): Promise<Fetched> {
  let count = 0;
  const pages = await allPages(
    async (pageToken) => {
      if (pageToken === "") count = 0;
      const pageSize = Math.min(limit - count, 1000);
      const page = await client.listChanges({ ...filter, pageSize, pageToken });
      count += page.changes.length;
      return page;
    },
    () => count >= limit,
  );
  const [{ revisionToken }] = pages;
  const changes = pages.flatMap((page) => page.changes);
  return { changes, revisionToken, isWhole: pages.at(-1)?.nextPageToken === "" };
}
