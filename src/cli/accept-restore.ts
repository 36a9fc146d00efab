import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import type { AcceptedRestore, Standing } from "../commands/accept-restore.ts";
import { quote } from "../domain/quote.ts";
import { filledArgument } from "./arguments.ts";
import { examples, type AddCommand } from "./cli.ts";
import {
  chooseDatabase,
  embeddedOption,
  optionsFileOption,
  withExistingDatabase,
} from "./database.ts";
import { exitCodes } from "./exit-code.ts";
import { plain, printLines, printNotes } from "./print.ts";

interface AcceptRestoreOptions {
  readonly reason: string;
  readonly dryRun?: boolean;
  readonly embedded?: string;
  readonly options?: string;
}

const inUseHint =
  "if that is a running server: it alone writes to its embedded database, so nothing refuses it; stop the server to go on";

/** Adds `accept-restore`. */
export const addAcceptRestore: AddCommand = (parent, cli) => {
  parent
    .command("accept-restore")
    .description(
      "Declare that the history which the database has now is the valid one, after it was restored or forked. Servers that refuse it follow it then. It works by access to the database alone, and leaves an entry in the change log.",
    )
    .requiredOption("--reason <text>", "why, for the change log", filledArgument)
    .option("--dry-run", "only show where the database stands")
    .addOption(embeddedOption())
    .addOption(optionsFileOption())
    .addHelpText(
      "after",
      examples(
        [
          "which history does the database have?",
          'DATABASE_URL=postgres://localhost/fleetgate fleetgate accept-restore --reason "disk lost" --dry-run',
        ],
        [
          "it is the one to follow",
          'DATABASE_URL=postgres://localhost/fleetgate fleetgate accept-restore --reason "disk lost; back-up of Monday"',
        ],
        [
          "an embedded database",
          'fleetgate accept-restore --reason "back-up of Monday" --embedded .fleetgate/db',
        ],
      ),
    )
    .action(
      cli.action(async (flags: AcceptRestoreOptions) => {
        const choice = await chooseDatabase(cli.io, flags);
        const { reason, dryRun = false } = flags;
        const { acceptRestore } = await import("../commands/accept-restore.ts");
        const accepted = await withExistingDatabase(choice, inUseHint, (storage) => {
          printNotes(cli.io, `database: ${plain(storage.description)}`);
          const clock = (): Date => new Date();
          return acceptRestore({ storage, clock, randomBytes }, { reason, dryRun });
        });
        if (cli.globals().json) {
          printLines(cli.io, JSON.stringify(toJson(accepted), undefined, 2));
        } else printLines(cli.io, ...toLines(accepted));
        return exitCodes.ok;
      }),
    );
};

function toLines({ before, written }: AcceptedRestore): readonly string[] {
  const { databaseId, revision, chainHash } = before.point;
  const lines = [
    `database id: ${databaseId}`,
    `it was at revision ${revision}, whose hash begins with ${hashStart(chainHash)}`,
    `its newest change: ${newestOf(before)}`,
  ];
  if (written === undefined) {
    return [
      ...lines,
      "nothing was written; without --dry-run, servers that refuse this history would follow it",
    ];
  }
  return [
    ...lines,
    `accepted at revision ${written.revision}`,
    "servers that refused this history load it now and follow it; for all others nothing changes",
    "revision tokens of what was abandoned are refused; keys that were revoked in it are good again",
    `revision token: ${written.revisionToken}`,
  ];
}

function newestOf({ newest }: Standing): string {
  if (newest === undefined) return "none is known";
  const { at, author, reason } = newest;
  const why = reason === "" ? "" : `, ${quote(reason)}`;
  return `${at.toISOString()} by ${plain(author)}${why}`;
}

function toJson({ before, written }: AcceptedRestore): unknown {
  const { point, newest } = before;
  return {
    databaseId: point.databaseId,
    before: {
      revision: point.revision.toString(),
      hash: Buffer.from(point.chainHash).toString("hex"),
      newestChange: newest && {
        at: newest.at.toISOString(),
        author: newest.author,
        reason: newest.reason,
      },
    },
    accepted: written && { ...written, revision: written.revision.toString() },
  };
}

function hashStart(hash: Uint8Array): string {
  return Buffer.from(hash.subarray(0, 8)).toString("hex");
}
