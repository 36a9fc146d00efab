import { create } from "@bufbuild/protobuf";
import { Option } from "commander";
import {
  CredentialService,
  ListAuditEventsResponseSchema,
  type AuditEvent,
  type ListAuditEventsResponse,
} from "../../gen/fleetgate/credential/v1/credential_service_pb.ts";
import { allPages } from "../all-pages.ts";
import { countArgument, filledArgument } from "../arguments.ts";
import { usageError } from "../cli-error.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { formatTime } from "../format-time.ts";
import { plain, printNotes, toColumns } from "../print.ts";
import { show } from "../show.ts";
import { checkCredentialId } from "./credential-id.ts";

interface AuditOptions {
  readonly realm?: string;
  readonly identity?: string;
  readonly credential?: string;
  readonly limit: number;
}

/** Adds `credential audit`. */
export const addCredentialAudit: AddCommand = (parent, cli) => {
  parent
    .command("audit")
    .description(
      "List what happened to bots, tasks, runners and their credentials, the newest first: who did it, and of a refusal why. For credential auditors of the realm.",
    )
    .option(
      "--realm <realm>",
      "project:realm (default, for administrators: all of them)",
      filledArgument,
    )
    .option("--identity <identity>", "only of this bot, task or runner", filledArgument)
    .option("--credential <id>", "only of this credential", filledArgument)
    .addOption(
      new Option("--limit <count>", "how many at most").argParser(countArgument).default(100),
    )
    .addHelpText(
      "after",
      examples(
        [
          "why was it refused?",
          "fleetgate credential audit --realm chromium:ci --identity task:build-1",
        ],
        ["from issue to last use", "fleetgate credential audit --credential Jx2vQ0r8sT1uVw3Y"],
      ),
    )
    .action(
      cli.action(async (options: AuditOptions) => {
        const { realm = "", identity = "", credential: credentialId = "", limit } = options;
        if (limit === 0) throw usageError("--limit must be at least 1");
        if (credentialId !== "") checkCredentialId(credentialId);
        let count = 0;
        const pages = await withConnection(cli, (connection) => {
          const client = connection.client(CredentialService);
          return allPages<ListAuditEventsResponse>(
            async (pageToken) => {
              if (pageToken === "") count = 0;
              const pageSize = Math.min(limit - count, 1000);
              const page = await client.listAuditEvents({
                ...{ realm, identity, credentialId, pageSize, pageToken },
              });
              count += page.events.length;
              return page;
            },
            () => count >= limit,
          );
        });
        const events = pages.flatMap((page) => page.events);
        const header = [
          "AT",
          "EVENT",
          "OF",
          "CREDENTIAL",
          "REASON",
          "BY",
          "FROM",
          "TIMES",
          "DETAIL",
        ];
        const lines = events.length === 0 ? [] : toColumns([header, ...events.map(toRow)]);
        const whole = create(ListAuditEventsResponseSchema, { events });
        show(cli, ListAuditEventsResponseSchema, whole, lines);
        if (events.length === 0) printNotes(cli.io, "no events");
        if (pages.at(-1)?.nextPageToken !== "") {
          printNotes(cli.io, `there are older events: --limit shows more than ${limit}`);
        }
        return exitCodes.ok;
      }),
    );
};

function toRow(event: AuditEvent): readonly string[] {
  return [
    formatTime(event.at, "-"),
    plain(event.event),
    plain(event.identity) || "-",
    plain(event.credentialId) || "-",
    plain(event.reason) || "-",
    plain(event.caller) || "-",
    plain(event.source) || "-",
    event.count.toString(),
    detailOf(event),
  ];
}

function detailOf({ detail }: AuditEvent): string {
  const names = Object.keys(detail).toSorted();
  return names.map((name) => `${plain(name)}=${plain(detail[name] ?? "")}`).join(" ") || "-";
}
