import { durationArgument, revisionArgument } from "../arguments.ts";
import { usageError } from "../cli-error.ts";
import { examples, type AddCommand } from "../cli.ts";
import {
  chooseDatabase,
  embeddedOption,
  optionsFileOption,
  withExistingDatabase,
} from "../database.ts";
import { exitCodes } from "../exit-code.ts";
import { counted, plain, printLines, printNotes } from "../print.ts";
import { inUseHint, printBigJson } from "./log-database.ts";

interface PruneOptions {
  readonly olderThan?: number;
  readonly beforeRevision?: bigint;
  readonly dryRun?: true;
  readonly embedded?: string;
  readonly options?: string;
}

/** Adds `log prune`, which works on the database itself. */
export const addLogPrune: AddCommand = (parent, cli) => {
  parent
    .command("prune")
    .description(
      "End the retention of old changes: what they did to each entity goes. Author, time, reason, numbers and hashes stay. Revisions before them can be rebuilt no more.",
    )
    .option("--older-than <duration>", "changes older than this, e.g. 400d", durationArgument)
    .option("--before-revision <revision>", "changes before this revision", revisionArgument)
    .option("--dry-run", "only count")
    .addOption(embeddedOption())
    .addOption(optionsFileOption())
    .addHelpText(
      "after",
      examples(
        ["what would go", "fleetgate log prune --older-than 400d --dry-run"],
        ["once a month, by the role that owns the tables", "fleetgate log prune --older-than 400d"],
      ),
    )
    .action(
      cli.action(async (flags: PruneOptions) => {
        const { olderThan, beforeRevision, dryRun = false } = flags;
        if ((olderThan === undefined) === (beforeRevision === undefined)) {
          throw usageError("give --older-than or --before-revision, one of the two");
        }
        const before = beforeRevision ?? new Date(Date.now() - (olderThan ?? 0));
        const choice = await chooseDatabase(cli.io, flags);
        const { checkSchema } = await import("../../storage/migrate.ts");
        const { pruneItems } = await import("../../storage/history/prune-items.ts");
        const pruned = await withExistingDatabase(choice, inUseHint, async (storage) => {
          await checkSchema(storage);
          printNotes(cli.io, `database: ${plain(storage.description)}`);
          return pruneItems(storage, {
            before,
            dryRun,
            onProgress: ({ items, of }) => printNotes(cli.io, `pruned ${items} of ${of} items ...`),
          });
        });
        if (cli.globals().json) printBigJson(cli.io, { ...pruned, dryRun });
        else {
          printLines(
            cli.io,
            `${dryRun ? "would prune" : "pruned"} ${counted(Number(pruned.items), "item")} of ${counted(Number(pruned.changes), "change")} before revision ${pruned.beforeRevision}, and ${counted(Number(pruned.requests), "request")}`,
          );
        }
        return exitCodes.ok;
      }),
    );
};
