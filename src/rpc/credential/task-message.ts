import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Trust as TrustWord } from "../../domain/credential/subject.ts";
import type { TaskState as TaskStateWord } from "../../domain/credential/task-states.ts";
import { TaskState, Trust } from "../../gen/fleetgate/credential/v1/subject_pb.ts";
import type { TaskSchema } from "../../gen/fleetgate/credential/v1/task_service_pb.ts";
import type { TaskRecord } from "../../storage/credential/tasks.ts";

/** The states of tasks as the contract has them. */
export const taskStateMessages: Readonly<Record<TaskStateWord, TaskState>> = {
  awaiting_ack: TaskState.AWAITING_ACK,
  running: TaskState.RUNNING,
  canceling: TaskState.CANCELING,
  succeeded: TaskState.SUCCEEDED,
  failed: TaskState.FAILED,
  canceled: TaskState.CANCELED,
  timed_out: TaskState.TIMED_OUT,
};

/** Trust as the contract has it. */
export const trustMessages: Readonly<Record<TrustWord, Trust>> = {
  trusted: Trust.TRUSTED,
  untrusted: Trust.UNTRUSTED,
};

const stateWords = wordsOf(taskStateMessages);
const trustWords = wordsOf(trustMessages);

/** The state that a request says; undefined: none, or one that this server does not know. */
export function toTaskState(state: TaskState): TaskStateWord | undefined {
  return stateWords.get(state);
}

/** The trust that a request says; undefined: none, or one that this server does not know. */
export function toTrust(trust: Trust): TrustWord | undefined {
  return trustWords.get(trust);
}

/** A task as the contract has it. */
export function toTask(task: TaskRecord): MessageInitShape<typeof TaskSchema> {
  return {
    taskId: task.id,
    uid: task.uid,
    realm: task.realm,
    pool: task.pool ?? "",
    botId: task.botId ?? "",
    state: taskStateMessages[task.state],
    trust: trustMessages[task.trust],
    ref: task.ref,
    defaultRef: task.defaultRef,
    delegatedUser: task.delegatedUser ?? "",
    dependencies: [...task.dependencies],
    deadline: timestampFromMs(task.deadline),
    reportUntil: timestampFromMs(task.reportUntil),
    epoch: task.epoch,
    version: task.version,
    holds: task.holds,
  };
}

function wordsOf<Word extends string, Value extends number>(
  messages: Readonly<Record<Word, Value>>,
): ReadonlyMap<Value, Word> {
  const entries = Object.entries(messages) as [Word, Value][];
  return new Map(entries.map(([word, value]) => [value, word]));
}
