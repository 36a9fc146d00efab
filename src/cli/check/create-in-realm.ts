import { CheckCreateInRealmResponseSchema } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { examples, type AddCommand } from "../cli.ts";
import { callerFields, withCaller, type CallerOptions } from "./check-options.ts";
import { decide } from "./decide.ts";

/** Adds `check create-in-realm`. */
export const addCheckCreateInRealm: AddCommand = (parent, cli) => {
  withCaller(parent.command("create-in-realm <realm>"))
    .description("Check whether the caller may create tasks in a realm.")
    .addHelpText(
      "after",
      examples([
        "may this builder create tasks there?",
        "fleetgate check create-in-realm chromium:ci --caller user:builder@example.com",
      ]),
    )
    .action(
      cli.action((realm: string, options: CallerOptions) =>
        decide(cli, CheckCreateInRealmResponseSchema, (client) =>
          client.checkCreateInRealm({ realm, ...callerFields(options) }),
        ),
      ),
    );
};
