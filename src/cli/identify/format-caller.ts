import {
  CredentialKindSchema,
  InstanceStateSchema,
  RunnerStateSchema,
  TaskStateSchema,
  TrustSchema,
  type CallerInfo,
  type Scope,
} from "../../gen/fleetgate/credential/v1/subject_pb.ts";
import { wordOf } from "../enum-words.ts";
import { formatTime } from "../format-time.ts";
import { plain } from "../print.ts";
import { facts } from "../show.ts";

/** Who it is, line by line. */
export function formatCaller(caller: CallerInfo): readonly string[] {
  const { taskState, runnerState, instanceState } = caller;
  return [
    plain(caller.identity),
    ...facts(
      ["kind", wordOf(CredentialKindSchema, caller.kind)],
      ["credential", plain(caller.credentialId)],
      ["realm", plain(caller.realm)],
      ["pool", plain(caller.pool)],
      ["bot", plain(caller.botId)],
      ["system id", plain(caller.systemId)],
      ["paused", caller.paused ? "yes" : ""],
      ["delegated user", plain(caller.delegatedUser)],
      ["task state", taskState === 0 ? "" : wordOf(TaskStateSchema, taskState)],
      ["runner state", runnerState === 0 ? "" : wordOf(RunnerStateSchema, runnerState)],
      ["instance state", instanceState === 0 ? "" : wordOf(InstanceStateSchema, instanceState)],
      ["permissions", caller.permissions.map(plain).join(", ")],
    ),
    ...caller.readScopes.map((scope) => `may read: ${formatScope(scope)}`),
    ...caller.writeScopes.map((scope) => `may write: ${formatScope(scope)}`),
    ...facts(
      ["generation", caller.generation === 0 ? "" : caller.generation.toString()],
      ["epoch", caller.epoch.toString()],
      ["expires", formatTime(caller.expiresAt, "-")],
    ),
  ];
}

function formatScope({ realm, trust, ref, taskId }: Scope): string {
  const where = `${plain(realm)}, ${wordOf(TrustSchema, trust)}`;
  const which = ref === "" ? "" : `, ${plain(ref)}`;
  return `${where}${which}${taskId === "" ? "" : `, published by ${plain(taskId)}`}`;
}
