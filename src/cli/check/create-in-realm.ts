import { examples, type AddCommand } from "../cli.ts";
import { callerFields, withCaller, type CallerOptions } from "./check-options.ts";
import { decide } from "./decide.ts";
import type { CheckQuestion } from "./question.ts";

/** The question of `check create-in-realm`. */
export const createInRealmQuestion: CheckQuestion<string, CallerOptions> = {
  usage: "create-in-realm <realm>",
  withOptions: withCaller,
  toCheck: (realm, options) => ({
    case: "createInRealm",
    value: { realm, ...callerFields(options) },
  }),
};

/** Adds `check create-in-realm`. */
export const addCheckCreateInRealm: AddCommand = (parent, cli) => {
  createInRealmQuestion
    .withOptions(parent.command(createInRealmQuestion.usage))
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
        decide(cli, createInRealmQuestion.toCheck(realm, options), options),
      ),
    );
};
