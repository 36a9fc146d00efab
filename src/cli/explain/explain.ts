import { actAsQuestion } from "../check/act-as.ts";
import { botQuestion } from "../check/bot.ts";
import type { FreshnessOptions } from "../check/check-options.ts";
import { createInRealmQuestion } from "../check/create-in-realm.ts";
import { filterQuestion } from "../check/filter.ts";
import { poolQuestion } from "../check/pool.ts";
import { poolsQuestion } from "../check/pools.ts";
import type { CheckInput, CheckQuestion } from "../check/question.ts";
import { serverQuestion } from "../check/server.ts";
import { taskQuestion } from "../check/task.ts";
import { examples, type AddCommand } from "../cli.ts";
import { why } from "./why.ts";

/** Adds `explain` and its commands, one for each of `check`, with the same arguments. */
export const addExplain: AddCommand = (parent, cli) => {
  const explain = parent
    .command("explain")
    .description(
      "Say why a check is answered as it is. Takes the arguments of `check`, and ends with 0: permitted, 1: denied.",
    );

  function add<Argument, Options extends FreshnessOptions, Check extends CheckInput>(
    question: CheckQuestion<Argument, Options, Check>,
    about: string,
    example: readonly [what: string, line: string],
  ): void {
    question
      .withOptions(explain.command(question.usage))
      .description(`Say why ${about}.`)
      .addHelpText("after", examples(example))
      .action(
        cli.action((...args: unknown[]) => {
          // A command without an argument gets its options first. Commander hands on what `usage` declares.
          const [argument, options] = question.usage.includes("<") ? args : [undefined, ...args];
          return why(
            cli,
            question.toCheck(argument as Argument, options as Options),
            options as Options,
          );
        }),
      );
  }

  add(serverQuestion, "a caller has a permission at the server level, or not", [
    "why may I not see all bots?",
    "fleetgate explain server --permission swarming.pools.listBots",
  ]);
  add(poolQuestion, "a caller has a permission in a pool, or not", [
    "why may she submit tasks to this pool?",
    "fleetgate explain pool chromium.tests --permission swarming.pools.createTask --caller user:ann@example.com",
  ]);
  add(poolsQuestion, "a caller has a permission in several pools, all or any, or not", [
    "why may I not cancel tasks in both pools?",
    "fleetgate explain pools chromium.tests chromium.gpu --permission swarming.pools.cancelTask",
  ]);
  add(filterQuestion, "a filter leaves which pools; ends with 0 even when none is left", [
    "why is the second pool not left?",
    "fleetgate explain filter chromium.tests chromium.gpu --permission swarming.pools.listTasks",
  ]);
  add(taskQuestion, "a caller may see or cancel a task, or not", [
    "why may I not cancel this task?",
    "fleetgate explain task 5f2a10 --permission swarming.tasks.cancel --realm chromium:ci --pool chromium.tests",
  ]);
  add(botQuestion, "a caller has a permission on a bot, or not", [
    "why may I terminate this bot?",
    "fleetgate explain bot vm12-m1 --permission swarming.pools.terminateBot",
  ]);
  add(createInRealmQuestion, "a caller may create tasks in a realm, or not", [
    "why may this builder create tasks there?",
    "fleetgate explain create-in-realm chromium:ci --caller user:builder@example.com",
  ]);
  add(actAsQuestion, "a task in a realm may act as a service account, or not", [
    "why may tasks of this realm not use the account?",
    "fleetgate explain act-as builder@example.com --realm chromium:ci",
  ]);
};
