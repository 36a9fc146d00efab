import { create } from "@bufbuild/protobuf";
import {
  GroupService,
  ListGroupsResponseSchema,
  type Group,
  type ListGroupsResponse,
} from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import { allPages } from "../all-pages.ts";
import { filledArgument } from "../arguments.ts";
import { pageFreshness, withFreshness, type FreshnessOptions } from "../check/check-options.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { plain, printList, printMessage, printNotes, toColumns } from "../print.ts";

interface ListOptions extends FreshnessOptions {
  readonly prefix?: string;
}

/** Adds `group list`. */
export const addGroupList: AddCommand = (parent, cli) => {
  withFreshness(parent.command("list"))
    .description(
      "List the groups that you may read, by name, without their members. MEMBERS counts whom a group lists itself, not who is in it by a glob or a nested group.",
    )
    .option("--prefix <text>", "only groups whose names begin so", filledArgument)
    .addHelpText(
      "after",
      examples(
        ["all of them", "fleetgate group list"],
        ["those that were imported from a directory", "fleetgate group list --prefix ldap/"],
      ),
    )
    .action(
      cli.action(async (options: ListOptions) => {
        const { prefix = "" } = options;
        const pages = await withConnection(cli, (connection) => {
          const client = connection.client(GroupService);
          return allPages<ListGroupsResponse>((pageToken, first) =>
            client.listGroups({
              prefix,
              pageSize: 1000,
              pageToken,
              ...pageFreshness(options, first),
            }),
          );
        });
        const groups = pages.flatMap((page) => page.groups);
        if (cli.globals().json) {
          const [{ totalSize, revisionToken }] = pages;
          const whole = create(ListGroupsResponseSchema, { groups, totalSize, revisionToken });
          printMessage(cli.io, ListGroupsResponseSchema, whole);
        } else if (groups.length === 0) {
          printNotes(cli.io, "no groups that you may read");
        } else {
          const header = ["NAME", "MEMBERS", "OWNERS", "SOURCE", "DESCRIPTION"];
          printList(cli.io, toColumns([header, ...groups.map(toRow)]));
        }
        return exitCodes.ok;
      }),
    );
};

/** The longest description that a table shows. */
const maxShown = 60;

function toRow(group: Group): readonly string[] {
  const { name, memberCount, owners, managedBy, takeOver, description } = group;
  const shown = description.length > maxShown ? `${description.slice(0, maxShown)}…` : description;
  return [
    plain(name),
    memberCount.toString(),
    plain(owners),
    managedBy === ""
      ? unmanagedOf(name)
      : `${plain(managedBy)}${takeOver === undefined ? "" : " (taken over)"}`,
    plain(shown),
  ];
}

/** How a group comes about that no source manages. The slash is what makes a group external. */
function unmanagedOf(name: string): string {
  return name.includes("/") ? "imported" : "by hand";
}
