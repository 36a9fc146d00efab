import { create } from "@bufbuild/protobuf";
import {
  ChangeService,
  GetChangeResponseSchema,
  type Change,
} from "../../gen/fleetgate/admin/v1/change_service_pb.ts";
import { allPages } from "../all-pages.ts";
import { filledArgument, revisionArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { formatTime } from "../format-time.ts";
import { plain, printLines, printList, printMessage, printNotes } from "../print.ts";
import { formatItem } from "./format-item.ts";

interface ShowOptions {
  readonly group?: string;
}

/** Adds `log show`. */
export const addLogShow: AddCommand = (parent, cli) => {
  parent
    .command("show")
    .argument("<revision>", "the revision of the change", revisionArgument)
    .description(
      "Show one change: who, when, why, and each field that differs. For readers; with --group for owners of the group.",
    )
    .option("--group <group>", "only what it did to this group", filledArgument)
    .addHelpText(
      "after",
      examples(
        ["what was it?", "fleetgate log show 2"],
        ["what did it do to this group?", "fleetgate log show 2 --group linux-devs"],
      ),
    )
    .action(
      cli.action(async (revision: bigint, { group = "" }: ShowOptions) => {
        const pages = await withConnection(cli, (connection) => {
          const client = connection.client(ChangeService);
          return allPages((pageToken) =>
            client.getChange({ revision, group, pageSize: 1000, pageToken }),
          );
        });
        const [{ change, revisionToken }] = pages;
        const items = pages.flatMap((page) => page.items);
        if (cli.globals().json) {
          const whole = {
            items,
            revisionToken,
            ...(change === undefined ? {} : { change }),
          };
          printMessage(cli.io, GetChangeResponseSchema, create(GetChangeResponseSchema, whole));
          return exitCodes.ok;
        }
        if (change !== undefined) printLines(cli.io, ...formatHead(change));
        printList(cli.io, items.flatMap(formatItem));
        if (change?.itemsPruned === true) {
          printNotes(cli.io, "what it changed is kept no more: the retention of the log has ended");
        } else if (items.length === 0) {
          // An erasure, for one: what it did is not told, and is no entity.
          printNotes(cli.io, "it changed no entity");
        }
        return exitCodes.ok;
      }),
    );
};

function formatHead({ revision, at, author, source, reason }: Change): readonly string[] {
  return [
    `revision ${revision}`,
    `time: ${formatTime(at, "-")}`,
    `author: ${plain(author)}`,
    ...(source === "" ? [] : [`source: ${plain(source)}`]),
    `reason: ${reason === "" ? "-" : plain(reason)}`,
  ];
}
