import { examples, type AddCommand } from "../cli.ts";
import { filledArgument } from "../arguments.ts";
import { chooseDatabase, embeddedOption, optionsFileOption, withDatabase } from "../database.ts";
import { exitCodes } from "../exit-code.ts";
import { counted, plain, printLines, printNotes } from "../print.ts";
import { inUseHint, operatorAuthor, printBigJson } from "./log-database.ts";

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
        checkText("reason", reason);
        const erased = await withDatabase(choice, inUseHint, async (storage) => {
          await checkSchema(storage);
          printNotes(cli.io, `database: ${plain(storage.description)}`);
          return eraseIdentity(storage, {
            identity,
            author: operatorAuthor,
            reason,
            dryRun,
            onProgress: (rows) => printNotes(cli.io, `looked through ${rows} items ...`),
          });
        });
        if (cli.globals().json) printBigJson(cli.io, { ...erased, dryRun });
        else {
          const { items, changes, apiKeys, restores } = erased;
          printLines(
            cli.io,
            `${dryRun ? "would erase" : "erased"} the identity from ${counted(items, "item")}, ${counted(changes, "change")}, ${counted(apiKeys, "API key")} and ${counted(restores, "accepted restore")}`,
            ...(dryRun
              ? []
              : [`${erased.pseudonym} stands for it now; revision ${erased.revision} tells of it`]),
          );
        }
        return exitCodes.ok;
      }),
    );
};
