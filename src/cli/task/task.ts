import type { AddCommand } from "../cli.ts";
import { addTaskEnd } from "./end.ts";
import { addTaskGet } from "./get.ts";
import { addTaskRegister } from "./register.ts";
import { addTaskRelease } from "./release.ts";
import { addTaskRenew } from "./renew.ts";
import { addTaskState } from "./state.ts";

/** Adds `task` and its commands. */
export const addTask: AddCommand = (parent, cli) => {
  const task = parent
    .command("task")
    .description(
      "Register tasks, so that each has a token that dies with it. For execution hosts.",
    );
  addTaskRegister(task, cli);
  addTaskRenew(task, cli);
  addTaskRelease(task, cli);
  addTaskState(task, cli);
  addTaskEnd(task, cli);
  addTaskGet(task, cli);
};
