import { create } from "@bufbuild/protobuf";
import {
  ListManagersResponseSchema,
  RunnerService,
  type ListManagersResponse,
} from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import { allPages } from "../all-pages.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { printNotes, toColumns } from "../print.ts";
import { show } from "../show.ts";
import { managerHeader, toManagerRow } from "./format-runner.ts";

/** Adds `runner managers`. */
export const addRunnerManagers: AddCommand = (parent, cli) => {
  parent
    .command("managers")
    .argument("<runner>", "its id", filledArgument)
    .description(
      "List the machines that work for a runner: when each was heard of, at most about a minute late, and until when its token lives. For administrators of its realm's runners.",
    )
    .addHelpText(
      "after",
      examples(
        ["who works for it?", "fleetgate runner managers linux-1"],
        [
          "who was not heard of?",
          "fleetgate runner managers linux-1 --json | jq -r '.managers[] | select(.status == \"MANAGER_STATUS_STALE\").systemId'",
        ],
      ),
    )
    .action(
      cli.action(async (runnerId: string) => {
        const pages = await withConnection(cli, (connection) => {
          const client = connection.client(RunnerService);
          return allPages<ListManagersResponse>((pageToken) =>
            client.listManagers({ runnerId, pageSize: 1000, pageToken }),
          );
        });
        const managers = pages.flatMap((page) => page.managers);
        const lines =
          managers.length === 0 ? [] : toColumns([managerHeader, ...managers.map(toManagerRow)]);
        const whole = create(ListManagersResponseSchema, { managers });
        show(cli, ListManagersResponseSchema, whole, lines);
        if (managers.length === 0) printNotes(cli.io, "no managers");
        return exitCodes.ok;
      }),
    );
};
