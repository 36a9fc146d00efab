import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import type { InstanceState, RunnerState } from "../../domain/credential/bot-states.ts";
import { DomainError, invalidField } from "../../domain/errors.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { bumpSubject, type SubjectRow } from "../../storage/credential/subjects.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { checkBotId, lockManagedBot, requireManagedBot } from "./bot-access.ts";
import { identityOf, statesOf, toBot, type Bot } from "./bot.ts";
import { judgeReport, type BotReport } from "./judge-report.ts";
import { lockBearer, requireUse } from "./lock-bearer.ts";
import { isOwnBot, notItself } from "./own-bot.ts";
import { requireAllowance } from "../credential/require-allowance.ts";
import { writerOf } from "../credential/writer-of.ts";

/** What is told about a bot; see SetBotStateRequest. */
export interface SetBotStateInput {
  /** Empty: the bot that tells. */
  readonly id: string;
  /** Undefined: as it is. */
  readonly runnerState: RunnerState | undefined;
  readonly instanceState: InstanceState | undefined;
  /** 0: not said. */
  readonly agentId: bigint;
  /** 0: whatever it has. */
  readonly expectedVersion: bigint;
}

/**
 * Notes how runner and machine of a bot fare; the bot itself tells of its runner alone. What changes nothing makes no
 * new version. Fails with INVALID_FIELD, as noSuchSubject, and with ETAG_MISMATCH, ILLEGAL_TRANSITION and LIMIT_EXCEEDED (`subject_writes`).
 */
export async function setBotState(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: SetBotStateInput,
): Promise<Bot> {
  const { id, expectedVersion } = input;
  const itself = isOwnBot(actor, id);
  if (!itself && id === "") throw invalidField("bot_id", "must be set, since the peer is no bot");
  if (!itself) checkBotId(id);
  if (input.agentId < 0n) throw invalidField("agent_id", "must not be negative");
  if (itself && input.instanceState !== undefined) throw notItself();
  if (!itself) await requireManagedBot(deps, snapshot, actor, id);
  const row = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const before = await lockReported(tx, snapshot, actor, id);
    if (expectedVersion !== 0n && before.version !== expectedVersion) throw versionMoved(before);
    const report = judgeReport(before, input);
    if (Object.keys(report.changes).length === 0) return before;
    requireAllowance(deps.storage, actor, before.uid);
    return writeReport(tx, actor, before, report);
  });
  await deps.makeKnown([row.uid]);
  return toBot(row);
}

async function lockReported(
  tx: Tx,
  snapshot: Snapshot,
  actor: Actor,
  id: string,
): Promise<SubjectRow> {
  if (!isOwnBot(actor, id)) return (await lockManagedBot(tx, snapshot, actor, id)).row;
  const { record } = actor;
  const bearer = await lockBearer(tx, snapshot, record);
  requireUse(record.kind === "boot" ? "boot" : "session", bearer);
  return bearer.row;
}

async function writeReport(
  tx: Tx,
  actor: Actor,
  before: SubjectRow,
  { changes, shrinks }: BotReport,
): Promise<SubjectRow> {
  const after = await bumpSubject(tx, before, changes, { shrinks });
  const [from, to] = [statesOf(before), statesOf(after)];
  const detail = {
    runner_from: from.runnerState,
    runner_to: to.runnerState,
    instance_from: from.instanceState,
    instance_to: to.instanceState,
  };
  const identity = identityOf(after);
  const credentialId = actor.record?.id;
  const event = { event: "bot_state", actor, credentialId, identity, detail } as const;
  await appendAudit(tx, [{ ...event, realm: after.realm }]);
  return after;
}

function versionMoved({ subject_id: id, version }: SubjectRow): DomainError {
  return new DomainError(
    "ETAG_MISMATCH",
    `the bot has version ${version} now: somebody else changed it; read it again`,
    { bot: id },
  );
}
