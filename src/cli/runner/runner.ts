import type { AddCommand } from "../cli.ts";
import { addRunnerCreate } from "./create.ts";
import { addRunnerDeleteManager } from "./delete-manager.ts";
import { addRunnerDelete } from "./delete.ts";
import { addRunnerEnrollToken } from "./enroll-token.ts";
import { addRunnerEnroll } from "./enroll.ts";
import { addRunnerGet } from "./get.ts";
import { addRunnerHeartbeat } from "./heartbeat.ts";
import { addRunnerList } from "./list.ts";
import { addRunnerManagers } from "./managers.ts";
import { addRunnerPause, addRunnerResume } from "./pause.ts";

/** Adds `runner` and its commands. */
export const addRunner: AddCommand = (parent, cli) => {
  const runner = parent
    .command("runner")
    .description(
      "Create runners, and enrol the machines that work for them. For administrators of runners, and for the machines.",
    );
  addRunnerCreate(runner, cli);
  addRunnerGet(runner, cli);
  addRunnerList(runner, cli);
  addRunnerPause(runner, cli);
  addRunnerResume(runner, cli);
  addRunnerDelete(runner, cli);
  addRunnerEnrollToken(runner, cli);
  addRunnerEnroll(runner, cli);
  addRunnerHeartbeat(runner, cli);
  addRunnerManagers(runner, cli);
  addRunnerDeleteManager(runner, cli);
};
