import { Option } from "commander";
import { parseIdentity, userHint } from "../../domain/identity.ts";
import { quote } from "../../domain/quote.ts";
import {
  GroupService,
  ImportGroupsResponseSchema,
  type ImportGroupsResponse,
} from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { usageError } from "../cli-error.ts";
import { examples, type AddCommand, type Cli } from "../cli.ts";
import { exitCodes } from "../exit-code.ts";
import { counted, plain, printNotes } from "../print.ts";
import { showWritten } from "../show-written.ts";
import { sendWrite, withWriteOptions, type WriteOptions } from "../write-options.ts";
import { refuseProblems } from "./file-problem.ts";
import { importMessages } from "./import-messages.ts";
import { readImportedGroups, type ImportedGroups, type ImportFormat } from "./imported-groups.ts";
import { readTexts } from "./read-text.ts";

interface ImportOptions extends WriteOptions {
  readonly format?: ImportFormat;
  readonly domain?: string;
  readonly deleteAll?: boolean;
}

/** Adds `group import`. */
export const addGroupImport: AddCommand = (parent, cli) => {
  const command = parent
    .command("import")
    .argument("<prefix>", "what the names of the groups begin with, without the slash")
    .argument("[file...]", "lists or tables; - for standard input")
    .description(
      "Replace all groups of a prefix by what the files hold, in one transaction. A list is one group, named as its file, with one member a line; a table (CSV) has `group,member` records. Groups that the files do not hold are deleted, or emptied while they are in use. For members of `group-importers`.",
    )
    .addOption(
      new Option(
        "--format <format>",
        "what the files are (default: *.csv are tables, others lists)",
      ).choices(["list", "csv"]),
    )
    .option(
      "--domain <domain>",
      "the domain of bare names: ann is user:ann@<domain>",
      filledArgument,
    )
    .option("--delete-all", "without files: delete all groups of the prefix");
  withWriteOptions(command)
    .addHelpText(
      "after",
      examples(
        [
          "a table from a directory service",
          'fleetgate group import ldap staff.csv --domain example.com --reason "nightly import"',
        ],
        [
          "what would it change?",
          "fleetgate group import ldap staff.csv --domain example.com --dry-run",
        ],
        [
          "two lists: the groups hr/leads and hr/staff",
          "fleetgate group import hr lists/leads.txt lists/staff.txt",
        ],
        [
          "from another program",
          "cat staff.csv | fleetgate group import ldap - --format csv --domain example.com",
        ],
      ),
    )
    .action(
      cli.action(async (prefix: string, paths: string[], options: ImportOptions) => {
        const groups = await readGroups(cli, prefix, paths, options);
        const response = await sendGroups(cli, prefix, groups, options);
        const lines = formatImported(prefix, response, options);
        showWritten(cli, options, ImportGroupsResponseSchema, response, lines);
        return exitCodes.ok;
      }),
    );
};

async function readGroups(
  cli: Cli,
  prefix: string,
  paths: readonly string[],
  options: ImportOptions,
): Promise<ImportedGroups> {
  const { format, domain, deleteAll = false } = options;
  if (!/^[a-z-]{1,100}$/.test(prefix)) {
    throw usageError(`a prefix must be 1 to 100 of "a-z -": ${quote(prefix.slice(0, 200))}`);
  }
  if (domain !== undefined && parseIdentity(`user:a@${domain}`) === undefined) {
    throw usageError(`--domain: no person can be of ${quote(domain.slice(0, 200))}`, userHint);
  }
  if (deleteAll !== (paths.length === 0)) {
    throw deleteAll
      ? usageError("--delete-all goes without files")
      : usageError("no file is named", "to delete all groups of the prefix, say --delete-all");
  }
  if (paths.includes("-") && format !== "csv") {
    throw usageError("a list on standard input has no name", "send a table, and say --format csv");
  }
  const { groups, problems } = readImportedGroups(await readTexts(cli.io, paths), {
    prefix,
    format,
    domain,
  });
  refuseProblems(cli.io, problems);
  if (groups.size === 0 && !deleteAll) {
    throw usageError("the files hold no group", "to delete all of the prefix, say --delete-all");
  }
  return groups;
}

/** From how many members on it is told how far they are sent. */
const manyMembers = 100_000;

async function sendGroups(
  cli: Cli,
  prefix: string,
  groups: ImportedGroups,
  options: ImportOptions,
): Promise<ImportGroupsResponse> {
  const total = [...groups.values()].reduce((sum, members) => sum + members.length, 0);
  let told = 0;
  const tell = (sent: number): void => {
    const tenths = Math.floor((sent * 10) / total);
    if (total < manyMembers || tenths === told) return;
    told = tenths;
    printNotes(cli.io, `sent ${sent} of ${total} members`);
  };
  return sendWrite(cli, options, (connection, fields) =>
    connection
      .client(GroupService)
      .importGroups(importMessages({ prefix, ...fields }, groups, tell)),
  );
}

function formatImported(
  prefix: string,
  response: ImportGroupsResponse,
  { dryRun = false }: WriteOptions,
): readonly string[] {
  const { groupsCreated, groupsUpdated, groupsDeleted, groupsEmptied } = response;
  const { membersAdded, membersRemoved } = response;
  const verb = dryRun ? "would import" : "imported";
  const groups = `${counted(groupsCreated, "group")} created, ${groupsUpdated} updated, ${groupsDeleted} deleted`;
  const members = `${counted(membersAdded, "member")} added, ${membersRemoved} removed`;
  return [
    `${verb} ${quote(prefix)}: ${groups}; ${members}`,
    ...(groupsEmptied.length === 0
      ? []
      : [`emptied, because they are in use: ${groupsEmptied.map(plain).join(", ")}`]),
  ];
}
