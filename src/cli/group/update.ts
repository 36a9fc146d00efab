import { Option } from "commander";
import { quote } from "../../domain/quote.ts";
import {
  GroupService,
  UpdateGroupResponseSchema,
} from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import { filledArgument, repeatableOption } from "../arguments.ts";
import { usageError } from "../cli-error.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { showWritten } from "../show-written.ts";
import { sendWrite, withWriteOptions, type WriteOptions } from "../write-options.ts";
import { gatherMembers } from "./gather-members.ts";

interface UpdateOptions extends WriteOptions {
  readonly description?: string;
  readonly owners?: string;
  /** False: none. */
  readonly globs: boolean;
  readonly glob: readonly string[];
  /** False: none. */
  readonly nested: boolean;
  readonly nest: readonly string[];
  /** False: none. */
  readonly members: boolean;
  readonly setMembers?: string;
  readonly etag?: string;
}

/** Adds `group update`. */
export const addGroupUpdate: AddCommand = (parent, cli) => {
  const command = parent
    .command("update")
    .argument("<group>", "its name", filledArgument)
    .description(
      "Replace parts of a group; what no option names stays. To add or remove members, group add and group remove are safer.",
    )
    .option("--description <text>", "what the group is for")
    .option("--owners <group>", "the group whose members may edit it", filledArgument)
    .addOption(repeatableOption("--glob <glob>", "a glob, instead of all that it has"))
    .addOption(new Option("--no-globs", "take all globs away").conflicts("glob"))
    .addOption(repeatableOption("--nest <group>", "a nested group, instead of all"))
    .addOption(new Option("--no-nested", "take all nested groups away").conflicts("nest"))
    .option(
      "--set-members <file>",
      "members, one a line, instead of all that it has; - for standard input",
      filledArgument,
    )
    .addOption(new Option("--no-members", "take all members away").conflicts("setMembers"))
    .option(
      "--etag <etag>",
      "refuse when the group has changed since; from group get",
      filledArgument,
    );
  withWriteOptions(command)
    .addHelpText(
      "after",
      examples(
        [
          "say better what it is for",
          'fleetgate group update linux-devs --description "people who build for Linux"',
        ],
        ["hand it to another team", "fleetgate group update linux-devs --owners gpu-team"],
        [
          "replace all members, unless somebody else changed the group",
          "fleetgate group update contractors --set-members contractors.txt --etag 3q2-7w",
        ],
      ),
    )
    .action(
      cli.action(async (name: string, options: UpdateOptions) => {
        const parts = await readParts(cli.io, options);
        const paths = Object.keys(parts);
        if (paths.length === 0) {
          throw usageError(
            "nothing is to be replaced",
            "give --description, --owners, --glob, --nest or --set-members",
          );
        }
        const { etag = "" } = options;
        const request = { group: { name, ...parts }, updateMask: { paths }, etag };
        const response = await sendWrite(cli, options, (connection, fields) =>
          connection.client(GroupService).updateGroup({ ...request, ...fields }),
        );
        const verb = options.dryRun === true ? "would replace" : "replaced";
        showWritten(cli, options, UpdateGroupResponseSchema, response, [
          `${verb} ${paths.join(", ")} of group ${quote(name)}`,
        ]);
        return exitCodes.ok;
      }),
    );
};

interface Parts {
  readonly description?: string;
  readonly owners?: string;
  readonly members?: string[];
  readonly globs?: string[];
  readonly nested?: string[];
}

/** The parts that the options name; their names are those of the mask. */
async function readParts(io: Io, options: UpdateOptions): Promise<Parts> {
  const { description, owners, glob, nest, globs, nested, members, setMembers } = options;
  return {
    ...(description === undefined ? {} : { description }),
    ...(owners === undefined ? {} : { owners }),
    ...(members ? {} : { members: [] }),
    ...(setMembers === undefined ? {} : { members: await readMembers(io, setMembers) }),
    ...(globs && glob.length === 0 ? {} : { globs: [...glob] }),
    ...(nested && nest.length === 0 ? {} : { nested: [...nest] }),
  };
}

/** An empty list would empty the group: most often it is a list that could not be made. */
async function readMembers(io: Io, file: string): Promise<string[]> {
  const members = await gatherMembers(io, [], file);
  if (members.length > 0) return members;
  throw usageError(`${file} holds no member`, "to take all members away, say --no-members");
}
