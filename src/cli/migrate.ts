import { examples, type AddCommand } from "./cli.ts";
import { chooseDatabase, embeddedOption, optionsFileOption, withDatabase } from "./database.ts";
import { exitCodes } from "./exit-code.ts";
import { plain, printLines, printNotes } from "./print.ts";

interface MigrateOptions {
  readonly embedded?: string;
  readonly options?: string;
}

const inUseHint =
  "if that is a running server: it has migrated its embedded database when it started, so there is nothing to do";

/** Adds `migrate`. */
export const addMigrate: AddCommand = (parent, cli) => {
  parent
    .command("migrate")
    .description(
      "Bring the schema of the database to this release. Safe to repeat and to run from several places at once.",
    )
    .addOption(embeddedOption())
    .addOption(optionsFileOption())
    .addHelpText(
      "after",
      examples(
        ["a Postgres", "DATABASE_URL=postgres://localhost/fleetgate fleetgate migrate"],
        ["an embedded database", "fleetgate migrate --embedded .fleetgate/db"],
      ),
    )
    .action(
      cli.action(async (flags: MigrateOptions) => {
        const choice = await chooseDatabase(cli.io, flags);
        const { migrate } = await import("../storage/migrate.ts");
        const result = await withDatabase(choice, inUseHint, async (storage) => {
          printNotes(cli.io, `database: ${plain(storage.description)}`);
          return migrate(storage, {
            onProgress: (name) => printNotes(cli.io, `applying ${plain(name)} ...`),
          });
        });
        for (const name of result.ahead) {
          printNotes(
            cli.io,
            `warning: ${plain(name)} is of a later release; this one can work with it`,
          );
        }
        if (cli.globals().json) printLines(cli.io, JSON.stringify(result, undefined, 2));
        else if (result.applied.length === 0) printLines(cli.io, "the schema is up to date");
        else printLines(cli.io, ...result.applied.map((name) => `applied ${name}`));
        return exitCodes.ok;
      }),
    );
};
