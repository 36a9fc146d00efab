import type { Command } from "commander";
import { quote } from "../../domain/quote.ts";
import {
  AddMembersResponseSchema,
  GroupService,
  RemoveMembersResponseSchema,
} from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import type { Cli } from "../cli.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { counted } from "../print.ts";
import { showWritten } from "../show-written.ts";
import { sendWrite, withWriteOptions, type WriteOptions } from "../write-options.ts";
import { gatherSomeMembers } from "./gather-members.ts";

/** The options of `group add` and `group remove`. */
export interface MemberOptions extends WriteOptions {
  readonly fromFile?: string;
}

/** Adds the arguments and options of `group add` and `group remove`. */
export function withMembers(command: Command): Command {
  return withWriteOptions(
    command
      .argument("<group>", "its name", filledArgument)
      .argument("[member...]", "identities, kind:value")
      .option("--from-file <file>", "members, one a line; - for standard input", filledArgument),
  );
}

/** Adds members, and shows how many were none before. */
export async function addMembers(
  cli: Cli,
  group: string,
  named: readonly string[],
  options: MemberOptions,
): Promise<ExitCode> {
  const members = await gatherSomeMembers(cli.io, named, options.fromFile);
  const response = await sendWrite(cli, options, (connection, fields) =>
    connection.client(GroupService).addMembers({ group, members, ...fields }),
  );
  const verb = options.dryRun === true ? "would add" : "added";
  const line = `${verb} ${countOf(response.added, members.length)} to group ${quote(group)}`;
  showWritten(cli, options, AddMembersResponseSchema, response, [line]);
  return exitCodes.ok;
}

/** Removes members, and shows how many were some before. */
export async function removeMembers(
  cli: Cli,
  group: string,
  named: readonly string[],
  options: MemberOptions,
): Promise<ExitCode> {
  const members = await gatherSomeMembers(cli.io, named, options.fromFile);
  const response = await sendWrite(cli, options, (connection, fields) =>
    connection.client(GroupService).removeMembers({ group, members, ...fields }),
  );
  const verb = options.dryRun === true ? "would remove" : "removed";
  const line = `${verb} ${countOf(response.removed, members.length)} from group ${quote(group)}`;
  showWritten(cli, options, RemoveMembersResponseSchema, response, [line]);
  return exitCodes.ok;
}

function countOf(done: number, asked: number): string {
  return done === asked ? counted(done, "member") : `${done} of ${counted(asked, "member")}`;
}
