import { create } from "@bufbuild/protobuf";
import {
  GroupService,
  ListMembersResponseSchema,
} from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import { allPages } from "../all-pages.ts";
import { filledArgument } from "../arguments.ts";
import { pageFreshness, withFreshness, type FreshnessOptions } from "../check/check-options.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { plain, printList, printMessage, printNotes } from "../print.ts";
import { streamPages } from "../stream-pages.ts";

/** Adds `group members`. */
export const addGroupMembers: AddCommand = (parent, cli) => {
  withFreshness(parent.command("members"))
    .argument("<group>", "its name", filledArgument)
    .description("List the members of a group, sorted, one a line, however many they are.")
    .addHelpText(
      "after",
      examples(
        ["all of them", "fleetgate group members linux-devs"],
        [
          "give another group the same members",
          "fleetgate group members linux-devs | fleetgate group add contractors --from-file -",
        ],
      ),
    )
    .action(
      cli.action(async (group: string, options: FreshnessOptions) => {
        const { json } = cli.globals();
        await withConnection(cli, async (connection) => {
          const client = connection.client(GroupService);
          const fetch = (
            pageToken: string,
            first: { readonly revisionToken: string } | undefined,
          ): ReturnType<typeof client.listMembers> =>
            client.listMembers({
              group,
              pageSize: 1000,
              pageToken,
              ...pageFreshness(options, first),
            });
          if (json) {
            const pages = await allPages(fetch);
            const [{ totalSize, revisionToken }] = pages;
            const members = pages.flatMap((page) => page.members);
            const whole = create(ListMembersResponseSchema, { members, totalSize, revisionToken });
            printMessage(cli.io, ListMembersResponseSchema, whole);
            return;
          }
          let count = 0;
          for await (const members of streamPages(fetch, (page) => page.members)) {
            count += members.length;
            printList(cli.io, members.map(plain));
          }
          if (count === 0) printNotes(cli.io, "no members");
        });
        return exitCodes.ok;
      }),
    );
};
