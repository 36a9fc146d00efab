import { Option } from "commander";
import {
  ConfigService,
  ConfigServiceExportResponseSchema,
  ConfigServiceGetResponseSchema,
} from "../../gen/fleetgate/admin/v1/config_service_pb.ts";
import { filledArgument, revisionArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { printLines, printMessage } from "../print.ts";
import { writeOutputFile } from "../write-output-file.ts";
import { sourceOption } from "./source-option.ts";

interface ExportOptions {
  readonly source: string;
  readonly allSources?: boolean;
  readonly atRevision?: bigint;
  readonly out?: string;
}

/** Adds `config export`. */
export const addConfigExport: AddCommand = (parent, cli) => {
  parent
    .command("export")
    .description(
      "Print what a source manages, as YAML in canonical form. With --json: as a message in the field names of the files, together with the etag that config apply wants.",
    )
    .addOption(sourceOption())
    .addOption(
      new Option("--all-sources", "everything that any source manages, in one text").conflicts(
        "source",
      ),
    )
    .addOption(
      new Option(
        "--at-revision <revision>",
        "as it was at this revision of the change log",
      ).argParser(revisionArgument),
    )
    .option("--out <file>", "write the YAML there", filledArgument)
    .addHelpText(
      "after",
      examples(
        ["look at it", "fleetgate config export"],
        ["keep a copy of everything", "fleetgate config export --all-sources --out fleet.yaml"],
        ["what was it before the last change?", "fleetgate config export --at-revision 2"],
        ["the etag of a source", "fleetgate config export --source team-a --json | jq -r .etag"],
      ),
    )
    .action(
      cli.action(async (options: ExportOptions) => {
        const { source, allSources = false, atRevision = 0n, out } = options;
        const { json } = cli.globals();
        await withConnection(cli, async (connection) => {
          const client = connection.client(ConfigService);
          if (json && !allSources && out === undefined) {
            const response = await client.get({ source, atRevision });
            // In the field names of the files, so that `.config` can be applied again.
            const options = { useProtoFieldName: true };
            printMessage(cli.io, ConfigServiceGetResponseSchema, response, options);
            return;
          }
          const response = await client.export(
            allSources ? { allSources, atRevision } : { source, atRevision },
          );
          if (out !== undefined) writeOutputFile(out, response.text);
          if (json) printMessage(cli.io, ConfigServiceExportResponseSchema, response);
          else if (out === undefined) cli.io.stdout.write(response.text);
          else printLines(cli.io, `wrote ${out}`);
        });
        return exitCodes.ok;
      }),
    );
};
