import { examples, type AddCommand } from "./cli.ts";
import { chooseDatabase, embeddedOption, withDatabase } from "./database.ts";
import { exitCodes } from "./exit-code.ts";
import { plain, printLines, printNotes } from "./print.ts";

interface MigrateOptions {
  readonly embedded?: string;
}

/** Adds `migrate`. */
export const addMigrate: AddCommand = (parent, cli) => {
  parent
    .command("migrate")
    .description(
      "Bring the schema of the database to this release. Safe to repeat and to run from several places at once.",
    )
    .addOption(embeddedOption())
    .addHelpText(
      "after",
      examples(
        ["a Postgres", "DATABASE_URL=postgres://localhost/fleetgate fleetgate migrate"],
        ["an embedded database", "fleetgate migrate --embedded .fleetgate"],
      ),
    )
    .action(
      cli.action(async ({ embedded }: MigrateOptions) => {
        const choice = chooseDatabase(cli.io, embedded);
        const { migrate } = await import("../storage/migrate.ts");
        const result = await withDatabase(choice, async (storage) => {
          printNotes(cli.io, `database: ${plain(storage.description)}`);
          return migrate(storage, { onProgress: (line) => printNotes(cli.io, plain(line)) });
        });
        if (cli.globals().json) printLines(cli.io, JSON.stringify(result, undefined, 2));
        else if (result.applied.length === 0) printLines(cli.io, "the schema is up to date");
        else printLines(cli.io, ...result.applied.map((name) => `applied ${name}`));
        return exitCodes.ok;
      }),
    );
};
