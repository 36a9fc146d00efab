import { examples, type AddCommand } from "../cli.ts";
import { filledArgument } from "../arguments.ts";
import {
  chooseDatabase,
  embeddedOption,
  optionsFileOption,
  withExistingDatabase,
} from "../database.ts";
import type { Erased } from "../../storage/history/erase-identity.ts";
import { exitCodes } from "../exit-code.ts";
import { counted, plain, printLines, printNotes } from "../print.ts";
import { inUseHint, printBigJson } from "./log-database.ts";

interface EraseOptions {
  readonly reason: string;
  readonly dryRun?: true;
  readonly embedded?: string;
  readonly options?: string;
}

/** Adds `log erase`, which works on the database itself. */
export const addLogErase: AddCommand = (parent, cli) => {
  parent
    .command("erase <identity>")
    .description(
      "Erase a person from the past: a pseudonym takes the place of the identity in all of the log. The chain of hashes stays verifiable. The identity must have no access any more.",
    )
    .requiredOption(
      "--reason <text>",
      "why, for the change log; must not name the person",
      filledArgument,
    )
    .option("--dry-run", "only count")
    .addOption(embeddedOption())
    .addOption(optionsFileOption())
    .addHelpText(
      "after",
      examples(
        [
          "where the person is named",
          'fleetgate log erase user:zoe@example.com --reason "request 17" --dry-run',
        ],
        [
          "by the role that owns the tables",
          'fleetgate log erase user:zoe@example.com --reason "request 17"',
        ],
      ),
    )
    .action(
      cli.action(async (identity: string, flags: EraseOptions) => {
        const { reason, dryRun = false } = flags;
        const choice = await chooseDatabase(cli.io, flags);
        const { checkSchema } = await import("../../storage/migrate.ts");
        const { eraseIdentity } = await import("../../storage/history/erase-identity.ts");
        const { checkText } = await import("../../commands/input.ts");
        const { databaseAuthors } = await import("../../commands/database-authors.ts");
        checkText("reason", reason);
        const erased = await withExistingDatabase(choice, inUseHint, async (storage) => {
          await checkSchema(storage);
          printNotes(cli.io, `database: ${plain(storage.description)}`);
          return eraseIdentity(storage, {
            identity,
            author: databaseAuthors.operator,
            reason,
            dryRun,
            onProgress: (rows) => printNotes(cli.io, `looked through ${rows} items ...`),
          });
        });
        if (cli.globals().json) printBigJson(cli.io, { ...erased, dryRun });
        else printLines(cli.io, ...formatErased(erased, dryRun));
        return exitCodes.ok;
      }),
    );
};

function formatErased(erased: Erased, dryRun: boolean): readonly string[] {
  const { items, changes, apiKeys, restores, pseudonym, revision } = erased;
  const counts = `${counted(items, "item")}, ${counted(changes, "change")}, ${counted(apiKeys, "API key")} and ${counted(restores, "accepted restore")}`;
  if (dryRun) return [`would erase the identity from ${counts}`];
  // Perhaps it was misspelt: nobody is to believe that a person is erased who is not.
  return items + changes + apiKeys + restores === 0
    ? [`nothing names the identity, so nothing was erased; revision ${revision} tells of the try`]
    : [
        `erased the identity from ${counts}`,
        `${pseudonym} stands for it now; revision ${revision} tells of it`,
      ];
}
