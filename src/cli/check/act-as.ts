import { CheckActAsResponseSchema } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { freshness, withFreshness, type FreshnessOptions } from "./check-options.ts";
import { decide } from "./decide.ts";

interface ActAsOptions extends FreshnessOptions {
  readonly realm: string;
}

/** Adds `check act-as`. */
export const addCheckActAs: AddCommand = (parent, cli) => {
  withFreshness(parent.command("act-as <service-account>"))
    .description("Check whether a task in a realm may act as a service account.")
    .requiredOption("--realm <realm>", "the realm of the task, project:realm", filledArgument)
    .addHelpText(
      "after",
      examples([
        "may tasks of this realm use the account?",
        "fleetgate check act-as builder@example.com --realm chromium:ci",
      ]),
    )
    .action(
      cli.action((serviceAccount: string, options: ActAsOptions) =>
        decide(cli, CheckActAsResponseSchema, (client) =>
          client.checkActAs({ serviceAccount, realm: options.realm, ...freshness(options) }),
        ),
      ),
    );
};
