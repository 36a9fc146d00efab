import { randomUUID } from "node:crypto";
import type { Actor } from "../../credentials/deps.ts";
import { DomainError, invalidField } from "../../domain/errors.ts";
import { identityKind } from "../../domain/identity.ts";
import { fullRealmName } from "../../domain/names.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import type { TaskRecord } from "../../storage/credential/tasks.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { isRealmDefined, requirePermission } from "../credential/require-permission.ts";
import { createTask } from "./create-task.ts";
import { findDependencies } from "./dependencies.ts";
import { requireCurrentSession } from "./current-session.ts";
import type { RegisterDeps } from "./deps.ts";
import { holdTask } from "./hold-task.ts";
import { issueTaskToken, tokenSource, type IssuedTaskToken } from "./issue-task-token.ts";
import { joinTask } from "./join-task.ts";
import { readTaskAgain } from "./lock-task.ts";
import {
  timeLimitMissing,
  readRegistration,
  type Registration,
  type RegistrationInput,
} from "./registration.ts";
import { requireDelegation } from "./require-delegation.ts";
import { requireAllowance } from "../credential/require-allowance.ts";
import { writerOf } from "../credential/writer-of.ts";

/** What a registration came to. */
export interface RegisteredTaskView extends IssuedTaskToken {
  readonly task: TaskRecord;
  /** Milliseconds since 1970. */
  readonly leaseUntil: number;
}

const permission = "fleetgate.tasks.register";

/**
 * Registers a task, or adds a hold to it. What the first registration says of the task stays: of a later one count its realm, which must be the
 * same, its hold, and its permissions and audiences where they are less. Safe to repeat with the same hold, but a token that is minted is a
 * new one then, and the one before is revoked; what was signed for the task lives on. Fails with INVALID_FIELD, PERMISSION_REQUIRED, ON_BEHALF_OF_FORBIDDEN, ALREADY_EXISTS
 * (`kind`: `task` of another realm, `token` of another task), ILLEGAL_TRANSITION (it has ended), HOLD_RELEASED, KEY_NOT_READY and LIMIT_EXCEEDED
 * (`holds`, `subject_writes`), and with CREDENTIAL_REQUIRED when the session of a bot has ended just now.
 */
export async function registerTask(
  deps: RegisterDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: RegistrationInput,
): Promise<RegisteredTaskView> {
  if (!fullRealmName.test(input.realm)) throw invalidField("realm", fullRealmName.rule);
  requirePermission(snapshot, actor, permission, input.realm);
  if (!isRealmDefined(snapshot, input.realm)) throw invalidField("realm", "must be defined");
  const registration = readRegistration(input);
  requireDelegation(snapshot, actor, registration.delegatedUser, registration.realm);
  const botId = executingBot(actor, registration);
  const source = tokenSource(deps, registration);
  const registered = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    await requireCurrentSession(tx, actor);
    const { task, isNew } = await findOrCreate(tx, snapshot, actor, { ...registration, botId });
    const hold = await holdTask(tx, actor, task, registration);
    // A bot registers many tasks by one session; others are known for the same task again and again.
    requireAllowance(deps.storage, actor, actor.record?.subject.uid ?? task.uid);
    const issued = await issueTaskToken(tx, deps, actor, task, {
      ...{ registration, source, isNew, isRepeat: hold.isRepeat },
    });
    if (!hold.isRepeat) {
      await appendAudit(tx, [
        {
          ...{ event: isNew ? "registered" : "hold_added", actor, realm: task.realm },
          ...{ credentialId: issued.credentialId, identity: `task:${task.id}` },
          detail: { hold_id: registration.holdId },
        },
      ]);
    }
    return { ...issued, task: await readTaskAgain(tx, task), leaseUntil: hold.leaseUntil };
  });
  await deps.makeKnown([registered.task.uid]);
  return registered;
}

async function findOrCreate(
  tx: Tx,
  snapshot: Snapshot,
  actor: Actor,
  registration: Registration,
): Promise<{ readonly task: TaskRecord; readonly isNew: boolean }> {
  const { timeLimitMs } = registration;
  const found = await joinTask(tx, snapshot, actor, registration);
  if (found !== undefined) return { task: found, isNew: false };
  if (timeLimitMs === undefined) throw timeLimitMissing();
  const dependencies = await findDependencies(tx, snapshot, actor, registration);
  const uid = randomUUID();
  const of = { ...registration, timeLimitMs, dependencies };
  const created = await createTask(tx, actor, uid, of);
  if (created !== undefined) return { task: created, isNew: true };
  // Another one was faster; it has committed, so that it is seen now.
  const task = await joinTask(tx, snapshot, actor, registration);
  if (task !== undefined) return { task, isNew: false };
  throw new DomainError("WRITE_CONFLICT", "other writes got in the way; try again");
}

// A bot tells of its own tasks only: whoever has a bot's token must not pass for another one.
function executingBot({ identity }: Actor, { botId }: Registration): string | undefined {
  if (identityKind(identity) !== "bot") return botId;
  const own = identity.slice("bot:".length);
  if (botId !== undefined && botId !== own) {
    throw invalidField("bot_id", "must be empty or the peer, as the peer is a bot");
  }
  return own;
}
