import { create } from "@bufbuild/protobuf";
import {
  ListRunnersResponseSchema,
  RunnerService,
  type ListRunnersResponse,
} from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import { allPages } from "../all-pages.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { printNotes, toColumns } from "../print.ts";
import { show } from "../show.ts";
import { runnerHeader, toRunnerRow } from "./format-runner.ts";

/** Adds `runner list`. */
export const addRunnerList: AddCommand = (parent, cli) => {
  parent
    .command("list")
    .description("List the runners of a realm by id. For administrators of its runners.")
    .requiredOption("--realm <realm>", "project:realm", filledArgument)
    .addHelpText("after", examples(["all of a realm", "fleetgate runner list --realm chromium:ci"]))
    .action(
      cli.action(async ({ realm }: { readonly realm: string }) => {
        const pages = await withConnection(cli, (connection) => {
          const client = connection.client(RunnerService);
          return allPages<ListRunnersResponse>((pageToken) =>
            client.listRunners({ realm, pageSize: 1000, pageToken }),
          );
        });
        const runners = pages.flatMap((page) => page.runners);
        const lines =
          runners.length === 0 ? [] : toColumns([runnerHeader, ...runners.map(toRunnerRow)]);
        show(cli, ListRunnersResponseSchema, create(ListRunnersResponseSchema, { runners }), lines);
        if (runners.length === 0) printNotes(cli.io, "no runners");
        return exitCodes.ok;
      }),
    );
};
