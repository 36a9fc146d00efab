import { Option } from "commander";
import {
  ChangeService,
  VerifyChangesResponseSchema,
  type VerifyChangesResponse,
} from "../../gen/fleetgate/admin/v1/change_service_pb.ts";
import { revisionArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { counted, plain, printLines, printMessage, printNotes } from "../print.ts";

interface VerifyOptions {
  readonly from?: bigint;
  readonly to?: bigint;
}

/** The most faults that an answer names. */
const maxFaults = 100;

/** Adds `log verify`. */
export const addLogVerify: AddCommand = (parent, cli) => {
  parent
    .command("verify")
    .description(
      "Verify that nobody changed the log behind Fleetgate's back: the chain of hashes over the changes. Ends with 0 when it holds, with 4 when it does not. For readers.",
    )
    .addOption(
      new Option("--from <revision>", "the first to verify (default: the oldest kept)").argParser(
        revisionArgument,
      ),
    )
    .addOption(
      new Option("--to <revision>", "the last to verify (default: the newest)").argParser(
        revisionArgument,
      ),
    )
    .addHelpText(
      "after",
      examples(
        ["all that is kept", "fleetgate log verify"],
        ["a part of a long log, with time for it", "fleetgate log verify --from 1 --timeout 10m"],
      ),
    )
    .action(
      cli.action(async ({ from = 0n, to = 0n }: VerifyOptions) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(ChangeService).verifyChanges({ firstRevision: from, lastRevision: to }),
        );
        if (cli.globals().json) printMessage(cli.io, VerifyChangesResponseSchema, response);
        else printLines(cli.io, ...formatVerified(response));
        // A log that ends before what was asked about may have been cut off: nothing about it holds.
        const isCut = response.firstRevision === 0n && from > 0n;
        if (isCut) printNotes(cli.io, `nothing was verified: the log ends before revision ${from}`);
        return response.faults.length === 0 && !isCut ? exitCodes.ok : exitCodes.failed;
      }),
    );
};

function formatVerified(response: VerifyChangesResponse): readonly string[] {
  const { firstRevision, lastRevision, changes, items, changesPruned, itemsErased } = response;
  const { changesErased, faults } = response;
  const lines = faults.map(({ revision, message }) => `revision ${revision}: ${plain(message)}`);
  if (faults.length >= maxFaults) lines.push("there may be more");
  if (firstRevision === 0n) return [...lines, "there are no changes to verify"];
  const counts = `${counted(Number(changes), "change")} and ${counted(Number(items), "item")}`;
  const range = `revisions ${firstRevision} to ${lastRevision}`;
  lines.push(
    faults.length === 0
      ? `the chain holds over ${range}: ${counts}`
      : `the chain does NOT hold over ${range}; the hashes of ${counts} fit`,
  );
  if (changesPruned > 0n) {
    lines.push(`${counted(Number(changesPruned), "change")} without items: they are kept no more`);
  }
  if (itemsErased > 0n) {
    lines.push(`${counted(Number(itemsErased), "item")} erased: nobody can tell what they held`);
  }
  if (changesErased > 0n) {
    lines.push(
      `${counted(Number(changesErased), "change")} with a person erased: no hash vouches for author and reason`,
    );
  }
  return lines;
}
