import { quote } from "../../domain/quote.ts";
import {
  CreateGroupResponseSchema,
  GroupService,
} from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import { filledArgument, repeatableOption } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes } from "../exit-code.ts";
import { counted } from "../print.ts";
import { showWritten } from "../show-written.ts";
import { sendWrite, withWriteOptions, type WriteOptions } from "../write-options.ts";
import { gatherMembers } from "./gather-members.ts";

interface CreateOptions extends WriteOptions {
  readonly description?: string;
  readonly owners?: string;
  readonly member: readonly string[];
  readonly fromFile?: string;
  readonly glob: readonly string[];
  readonly nest: readonly string[];
}

/** Adds `group create`. */
export const addGroupCreate: AddCommand = (parent, cli) => {
  const command = parent
    .command("create")
    .argument("<group>", "its name", filledArgument)
    .description("Create a group. For members of `group-creators`.")
    .option("--description <text>", "what the group is for")
    .option(
      "--owners <group>",
      "the group whose members may edit it (default: administrators)",
      filledArgument,
    )
    .addOption(repeatableOption("--member <identity>", "a member, kind:value"))
    .option("--from-file <file>", "members, one a line; - for standard input", filledArgument)
    .addOption(repeatableOption("--glob <glob>", 'a glob, e.g. "user:*@example.com"'))
    .addOption(repeatableOption("--nest <group>", "a group whose members are members too"));
  withWriteOptions(command)
    .addHelpText(
      "after",
      examples(
        [
          "a group with two members",
          "fleetgate group create gpu-team --member user:ann@example.com --member user:bob@example.com",
        ],
        [
          "a group that its own members look after",
          'fleetgate group create release --owners gpu-team --nest gpu-team --description "may cut releases"',
        ],
        ["members from a file", "fleetgate group create contractors --from-file contractors.txt"],
      ),
    )
    .action(
      cli.action(async (name: string, options: CreateOptions) => {
        const { description = "", owners = "", glob: globs, nest: nested } = options;
        const members = await gatherMembers(cli.io, options.member, options.fromFile);
        const group = {
          name,
          description,
          owners,
          members,
          globs: [...globs],
          nested: [...nested],
        };
        const response = await sendWrite(cli, options, (connection, fields) =>
          connection.client(GroupService).createGroup({ group, ...fields }),
        );
        const verb = options.dryRun === true ? "would create" : "created";
        const count = response.group?.memberCount ?? 0n;
        const line = `${verb} group ${quote(name)} with ${counted(Number(count), "member")}`;
        showWritten(cli, options, CreateGroupResponseSchema, response, [line]);
        return exitCodes.ok;
      }),
    );
};
