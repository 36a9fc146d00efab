import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { identityOf, type CallerRights, type Scope } from "../../credentials/caller-info.ts";
import type { CredentialRecord, Subject } from "../../domain/credential/subject.ts";
import type {
  CallerInfoSchema,
  ScopeSchema,
} from "../../gen/fleetgate/credential/v1/subject_pb.ts";
import { taskStateAt } from "../../domain/credential/gates.ts";
import { instanceNumbers, runnerNumbers } from "./bot-states-message.ts";
import { kindNumbers } from "./credential-message.ts";
import { taskStateMessages, trustMessages } from "./task-message.ts";

/** Who was identified at `now` of the database's clock, as the contract has it. */
export function toCallerInfo(
  { id, kind, subject, expiresAt, systemId = "" }: CredentialRecord,
  { permissions, readScopes, writeScopes }: CallerRights,
  now: number,
): MessageInitShape<typeof CallerInfoSchema> {
  return {
    identity: identityOf(subject),
    kind: kindNumbers[kind],
    credentialId: id,
    subjectUid: subject.uid,
    realm: subject.realm,
    pool: subject.pool ?? "",
    permissions: [...permissions],
    readScopes: readScopes.map(toScope),
    writeScopes: writeScopes.map(toScope),
    generation: subject.generation,
    epoch: subject.epoch,
    expiresAt: timestampFromMs(expiresAt),
    version: subject.version,
    systemId,
    ...ofKind(subject, now),
  };
}

/** What only subjects of one kind have. */
function ofKind(subject: Subject, now: number): MessageInitShape<typeof CallerInfoSchema> {
  if (subject.kind === "bot") {
    const { id, runnerState, instanceState } = subject;
    return {
      botId: id,
      runnerState: runnerNumbers[runnerState],
      instanceState: instanceNumbers[instanceState],
    };
  }
  if (subject.kind === "runner") return { paused: subject.paused };
  const { botId = "", delegatedUser = "" } = subject;
  return { botId, delegatedUser, taskState: taskStateMessages[taskStateAt(subject, now)] };
}

function toScope({ realm, trust, ref, taskId = "" }: Scope): MessageInitShape<typeof ScopeSchema> {
  return { realm, trust: trustMessages[trust], ref, taskId };
}
