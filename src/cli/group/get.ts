import {
  GetGroupResponseSchema,
  GroupService,
  type Group,
} from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { freshness, withFreshness, type FreshnessOptions } from "../check/check-options.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { plain, printList, printMessage } from "../print.ts";
import { formatTakeOver } from "./format-take-over.ts";

interface GetOptions extends FreshnessOptions {
  /** False: without them. */
  readonly members: boolean;
}

/** Adds `group get`. */
export const addGroupGet: AddCommand = (parent, cli) => {
  withFreshness(parent.command("get"))
    .argument("<group>", "its name", filledArgument)
    .description("Show a group. For readers, and for members of its owners group.")
    .option("--no-members", "leave the members out: they may be many")
    .addHelpText(
      "after",
      examples(
        ["who is in it?", "fleetgate group get linux-devs"],
        ["who was in it then?", "fleetgate group get linux-devs --at-revision 2"],
        ["its etag", "fleetgate group get linux-devs --no-members --json | jq -r .group.etag"],
      ),
    )
    .action(
      cli.action(async (name: string, options: GetOptions) => {
        const request = { name, withoutMembers: !options.members, ...freshness(options) };
        const response = await withConnection(cli, (connection) =>
          connection.client(GroupService).getGroup(request),
        );
        const { group } = response;
        if (cli.globals().json) printMessage(cli.io, GetGroupResponseSchema, response);
        else if (group !== undefined) printList(cli.io, formatGroup(group, options.members));
        return exitCodes.ok;
      }),
    );
};

function formatGroup(group: Group, withMembers: boolean): readonly string[] {
  const { description, owners, members, globs, nested, memberCount, etag } = group;
  const { takeOver } = group;
  return [
    `group ${plain(group.name)}`,
    ...(description === "" ? [] : [`description: ${plain(description)}`]),
    `owners: ${plain(owners)}`,
    `managed by: ${formatManager(group)}`,
    ...(takeOver === undefined ? [] : [`taken over: ${formatTakeOver(takeOver)}`]),
    `members: ${memberCount}`,
    ...(withMembers ? members.map(indented) : []),
    ...(globs.length === 0 ? [] : [`globs: ${globs.length}`, ...globs.map(indented)]),
    ...(nested.length === 0 ? [] : [`nested groups: ${nested.length}`, ...nested.map(indented)]),
    ...(etag === "" ? [] : [`etag: ${etag}`]),
  ];
}

function formatManager({ name, managedBy }: Group): string {
  if (managedBy !== "") return `source ${plain(managedBy)}`;
  // The slash is what makes a group external.
  return name.includes("/") ? "nobody: it is imported" : "nobody: it is edited here";
}

function indented(name: string): string {
  return `  ${plain(name)}`;
}
