import { TaskStateSchema, TrustSchema } from "../../gen/fleetgate/credential/v1/subject_pb.ts";
import type { Task } from "../../gen/fleetgate/credential/v1/task_service_pb.ts";
import { wordOf } from "../enum-words.ts";
import { formatTime } from "../format-time.ts";
import { plain } from "../print.ts";
import { facts } from "../show.ts";

/** A task, line by line. */
export function formatTask(task: Task): readonly string[] {
  return [
    `task ${plain(task.taskId)}`,
    ...facts(
      ["uid", task.uid],
      ["realm", plain(task.realm)],
      ["pool", plain(task.pool)],
      ["bot", plain(task.botId)],
      ["state", wordOf(TaskStateSchema, task.state)],
      ["trust", wordOf(TrustSchema, task.trust)],
      ["ref", plain(task.ref)],
      ["default ref", plain(task.defaultRef)],
      ["delegated user", plain(task.delegatedUser)],
      ["dependencies", task.dependencies.map(plain).join(", ")],
      ["deadline", formatTime(task.deadline, "-")],
      ["may report until", formatTime(task.reportUntil, "-")],
      ["epoch", task.epoch.toString()],
      ["live holds", task.holds.toString()],
    ),
  ];
}
