import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withFreshness, type FreshnessOptions } from "./check-options.ts";
import { decide } from "./decide.ts";
import type { CheckQuestion } from "./question.ts";

/** The options of `check act-as`. */
export interface ActAsOptions extends FreshnessOptions {
  readonly realm: string;
}

/** The question of `check act-as`. */
export const actAsQuestion: CheckQuestion<string, ActAsOptions> = {
  usage: "act-as <service-account>",
  withOptions: (command) =>
    withFreshness(command).requiredOption(
      "--realm <realm>",
      "the realm of the task, project:realm",
      filledArgument,
    ),
  toCheck: (serviceAccount, { realm }) => ({ case: "actAs", value: { serviceAccount, realm } }),
};

/** Adds `check act-as`. */
export const addCheckActAs: AddCommand = (parent, cli) => {
  actAsQuestion
    .withOptions(parent.command(actAsQuestion.usage))
    .description("Check whether a task in a realm may act as a service account.")
    .addHelpText(
      "after",
      examples([
        "may tasks of this realm use the account?",
        "fleetgate check act-as builder@example.com --realm chromium:ci",
      ]),
    )
    .action(
      cli.action((serviceAccount: string, options: ActAsOptions) =>
        decide(cli, actAsQuestion.toCheck(serviceAccount, options), options),
      ),
    );
};
