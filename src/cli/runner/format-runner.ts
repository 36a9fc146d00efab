import type { Manager, Runner } from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import { ManagerStatusSchema } from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import { wordOf } from "../enum-words.ts";
import { formatTime } from "../format-time.ts";
import { plain } from "../print.ts";
import { facts } from "../show.ts";

/** A runner, line by line. */
export function formatRunner(runner: Runner): readonly string[] {
  return [
    `runner ${plain(runner.runnerId)}`,
    ...facts(
      ["uid", runner.uid],
      ["realm", plain(runner.realm)],
      ["pool", plain(runner.pool)],
      ["state", formatPaused(runner)],
      ["managers", formatManagerCount(runner)],
      ["version", runner.version.toString()],
      ["created", `${formatTime(runner.createdAt, "-")} by ${plain(runner.createdBy)}`],
    ),
  ];
}

/** The header of a table of runners. */
export const runnerHeader: readonly string[] = ["RUNNER", "STATE", "MANAGERS", "POOL", "CREATED"];

/** A runner as a row of that table. */
export function toRunnerRow(runner: Runner): readonly string[] {
  return [
    plain(runner.runnerId),
    formatPaused(runner),
    formatManagerCount(runner),
    plain(runner.pool) || "-",
    formatTime(runner.createdAt, "-"),
  ];
}

/** Whether a runner is paused, in a word. */
export function formatPaused({ paused }: { readonly paused: boolean }): string {
  return paused ? "paused" : "works";
}

function formatManagerCount({ managers, maxManagers }: Runner): string {
  return `${managers} of ${maxManagers}`;
}

/** The header of a table of managers. */
export const managerHeader: readonly string[] = [
  ...["SYSTEM ID", "STATUS", "CONTACTED", "FROM", "ENROLLED", "EXPIRES", "CREDENTIAL", "NAME"],
  "LABELS",
];

/** A manager as a row of that table. */
export function toManagerRow(manager: Manager): readonly string[] {
  return [
    plain(manager.systemId),
    wordOf(ManagerStatusSchema, manager.status),
    formatTime(manager.contactedAt, "never"),
    plain(manager.source) || "-",
    formatTime(manager.enrolledAt, "-"),
    formatTime(manager.expiresAt, "-"),
    plain(manager.credentialId) || "-",
    plain(manager.info?.name ?? "") || "-",
    manager.info?.labels.map(plain).join(", ") || "-",
  ];
}
