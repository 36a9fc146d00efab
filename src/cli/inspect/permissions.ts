import { create } from "@bufbuild/protobuf";
import {
  ListPermissionsResponseSchema,
  type PermissionSet,
} from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { withFreshness, type FreshnessOptions } from "../check/check-options.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes } from "../exit-code.ts";
import { formatPlace } from "../format-place.ts";
import { plain, printList, printMessage, printNotes } from "../print.ts";
import { fetchList } from "./fetch-list.ts";

/** Adds `inspect permissions`. */
export const addInspectPermissions: AddCommand = (parent, cli) => {
  withFreshness(parent.command("permissions"))
    .argument("[identity]", "whose (default: who the credential says you are)", filledArgument)
    .description(
      "List all that an identity may do: at the server level, in each realm and in each pool. Others than oneself are for readers.",
    )
    .addHelpText(
      "after",
      examples(
        ["what may I do?", "fleetgate inspect permissions"],
        ["what may she do?", "fleetgate inspect permissions user:ann@example.com"],
      ),
    )
    .action(
      cli.action(async (identity: string | undefined, options: FreshnessOptions) => {
        const pages = await fetchList(cli, options, (client, page) =>
          client.listPermissions({ identity: identity ?? "", ...page }),
        );
        const permissionSets = pages.flatMap((page) => page.permissionSets);
        const [{ revisionToken, totalSize }] = pages;
        if (cli.globals().json) {
          const whole = { revisionToken, permissionSets, totalSize };
          printMessage(
            cli.io,
            ListPermissionsResponseSchema,
            create(ListPermissionsResponseSchema, whole),
          );
        } else if (permissionSets.length === 0) {
          printNotes(cli.io, "no permission anywhere");
        } else {
          printList(cli.io, permissionSets.flatMap(formatSet));
        }
        return exitCodes.ok;
      }),
    );
};

function formatSet({ place, permissions }: PermissionSet): readonly string[] {
  return [formatPlace(place), ...permissions.map((permission) => `  ${plain(permission)}`)];
}
