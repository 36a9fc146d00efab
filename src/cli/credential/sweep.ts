import type { Swept } from "../../storage/credential/sweep.ts";
import { filledArgument } from "../arguments.ts";
import { CliError } from "../cli-error.ts";
import { examples, type AddCommand } from "../cli.ts";
import { embeddedOption, optionsFileOption, withExistingDatabase } from "../database.ts";
import { exitCodes } from "../exit-code.ts";
import { counted, plain, printLines, printNotes } from "../print.ts";

interface SweepFlags {
  readonly auditRetention?: string;
  readonly dryRun?: boolean;
  readonly embedded?: string;
  readonly options?: string;
}

/** Adds `credential sweep`, which works on the database itself. */
export const addCredentialSweep: AddCommand = (parent, cli) => {
  parent
    .command("sweep")
    .description(
      "Remove what is past its retention: ended credentials, bots, tasks and runners, silent managers, old holds, and audit events. Servers do it by themselves each minute. Needs access to the database.",
    )
    .option(
      "--audit-retention <duration>",
      "for how long audit events are kept, as the server option (default: $FLEETGATE_AUDIT_RETENTION, else 90d)",
      filledArgument,
    )
    .option("--dry-run", "only count")
    .addOption(embeddedOption())
    .addOption(optionsFileOption())
    .addHelpText(
      "after",
      examples(
        ["what would go", "fleetgate credential sweep --dry-run"],
        [
          "before a copy of the database is handed on",
          "fleetgate credential sweep --audit-retention 30d",
        ],
      ),
    )
    .action(
      cli.action(async ({ dryRun = false, embedded, auditRetention, ...flags }: SweepFlags) => {
        const { readOptions } = await import("../read-server-options.ts");
        const given = { embedded, audit_retention: auditRetention };
        const { database, auditRetentionMs } = readOptions(cli.io, given, flags.options);
        const { checkSchema } = await import("../../storage/migrate.ts");
        const { sweep } = await import("../../commands/credential/sweep.ts");
        const hint = "a running server does it by itself; to do it by hand, stop that first";
        const swept = await withExistingDatabase(database, hint, async (storage) => {
          await checkSchema(storage);
          printNotes(cli.io, `database: ${plain(storage.description)}`);
          return sweep(storage, { auditMs: auditRetentionMs, dryRun, wait: true });
        });
        if (swept === undefined) {
          throw new CliError("another sweep is at work", { exitCode: exitCodes.failed });
        }
        if (cli.globals().json) printLines(cli.io, toJson(swept, dryRun));
        else printLines(cli.io, ...toLines(swept, dryRun));
        return exitCodes.ok;
      }),
    );
};

function toJson(
  { audit_events: auditEvents, claim_secrets: claimSecrets, ...swept }: Swept,
  dryRun: boolean,
): string {
  return JSON.stringify({ ...swept, claimSecrets, auditEvents, dryRun }, undefined, 2);
}

function toLines(swept: Swept, dryRun: boolean): readonly string[] {
  const verb = (past: string, plan: string): string => (dryRun ? `would ${plan}` : past);
  const removed = [
    counted(swept.credentials, "credential"),
    `${swept.subjects} bots, tasks and runners`,
    counted(swept.managers, "manager"),
    counted(swept.holds, "hold"),
    counted(swept.claims, "claim"),
    counted(swept.events, "event"),
    counted(swept.audit_events, "audit event"),
    counted(swept.replicas, "replica"),
  ];
  return [
    `${verb("removed", "remove")} ${removed.slice(0, -1).join(", ")} and ${removed.at(-1) ?? ""}`,
    `${verb("wiped", "wipe")} the hashes of ${counted(swept.secrets, "more credential")} and ${counted(swept.claim_secrets, "more claim")}`,
  ];
}
