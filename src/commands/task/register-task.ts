import { randomUUID } from "node:crypto";
import type { Actor } from "../../credentials/deps.ts";
import { finalTaskStates } from "../../domain/credential/task-states.ts";
import { DomainError, invalidField } from "../../domain/errors.ts";
import { foldIdentity, identityKind, parseIdentity } from "../../domain/identity.ts";
import { fullRealmName } from "../../domain/names.ts";
import { mayAskOnBehalf } from "../../engine/delegation.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { insertTask, type TaskRecord } from "../../storage/credential/tasks.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { isRealmDefined, requirePermission } from "../credential/require-permission.ts";
import { findDependencies } from "./dependencies.ts";
import { requireCurrentSession } from "./current-session.ts";
import type { RegisterDeps } from "./deps.ts";
import { holdTask } from "./hold-task.ts";
import { issueTaskToken, tokenSource, type IssuedTaskToken } from "./issue-task-token.ts";
import { lockTask, readTaskAgain } from "./lock-task.ts";
import {
  timeLimitMissing,
  readRegistration,
  type Registration,
  type RegistrationInput,
} from "./registration.ts";

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
 * new one then, and the one before is revoked. Fails with INVALID_FIELD, PERMISSION_REQUIRED, ON_BEHALF_OF_FORBIDDEN, ALREADY_EXISTS
 * (`kind`: `task` of another realm, `token` of another task), ILLEGAL_TRANSITION (it has ended), HOLD_RELEASED, KEY_NOT_READY and LIMIT_EXCEEDED
 * (`holds`), and with CREDENTIAL_REQUIRED when the session of a bot has ended just now.
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
  checkDelegation(snapshot, actor, registration);
  const botId = executingBot(actor, registration);
  const source = tokenSource(deps, registration);
  const registered = await inCredentialTransaction(deps.storage, async (tx) => {
    await requireCurrentSession(tx, actor);
    const { task, isNew } = await findOrCreate(tx, snapshot, actor, { ...registration, botId });
    const hold = await holdTask(tx, actor, task, registration);
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
  const { taskId, timeLimitMs, realm } = registration;
  let task = await lockTask(tx, taskId);
  let isNew = false;
  if (task === undefined) {
    if (timeLimitMs === undefined) throw timeLimitMissing();
    const dependencies = await findDependencies(tx, snapshot, actor, registration);
    const uid = randomUUID();
    const { pool, botId, state, trust, ref, defaultRef, delegatedUser } = registration;
    isNew = await insertTask(tx, {
      ...{ uid, id: taskId, realm, pool, botId, state, trust, ref, defaultRef, delegatedUser },
      ...{ dependencies, timeLimitMs, createdBy: actor.caller },
    });
    // Another one may have been faster; it has committed, so that it is seen now.
    task = await lockTask(tx, taskId);
  }
  if (task === undefined) {
    throw new DomainError("WRITE_CONFLICT", "other writes got in the way; try again");
  }
  if (task.realm !== realm) {
    const message = `task ${taskId} is registered in another realm`;
    throw new DomainError("ALREADY_EXISTS", message, { kind: "task", name: taskId });
  }
  if (finalTaskStates.has(task.state)) {
    const message = `task ${taskId} has ended (${task.state}); it cannot be registered again`;
    const metadata = { kind: "task", from: task.state, to: registration.state };
    throw new DomainError("ILLEGAL_TRANSITION", message, metadata);
  }
  // Whoever adds a hold gets a token of the task, which speaks for its user too.
  if (!isNew) checkDelegation(snapshot, actor, { ...delegatedUserOf(task), realm });
  return { task, isNew };
}

function delegatedUserOf({ delegatedUser }: TaskRecord): Pick<Registration, "delegatedUser"> {
  if (delegatedUser === undefined) return { delegatedUser };
  const identity = parseIdentity(delegatedUser);
  // It was one when the task was registered.
  if (identity === undefined) throw new DomainError("INTERNAL_FAULT", "a task is of no user");
  return { delegatedUser: identity };
}

function checkDelegation(
  snapshot: Snapshot,
  { identity }: Actor,
  { delegatedUser, realm }: Pick<Registration, "delegatedUser" | "realm">,
): void {
  if (delegatedUser === undefined) return;
  if (foldIdentity(delegatedUser) === foldIdentity(identity)) return;
  const question = { permission, realms: [realm], pools: [], bots: [] };
  if (mayAskOnBehalf(snapshot, identity, delegatedUser, question)) return;
  const message = "no delegation lets the peer register tasks on behalf of this user";
  throw new DomainError("ON_BEHALF_OF_FORBIDDEN", message);
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
