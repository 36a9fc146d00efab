import type { Actor } from "../../credentials/deps.ts";
import { botPermits } from "../../domain/credential/gates.ts";
import type { InstanceState, RunnerState } from "../../domain/credential/bot-states.ts";
import { readSessionState, type SessionState } from "../../storage/credential/session-state.ts";
import type { Tx } from "../../storage/storage.ts";
import { credentialRefused } from "../credential/credential-refused.ts";

/**
 * Asks the database whether the session by which a bot came is still its live one, or the token of a runner still good: what was
 * accepted from memory a moment ago must neither have tokens issued, keep them alive nor end what its successor began, when it was ended
 * since (U42). Whoever came by another credential passes. Fails with CREDENTIAL_REQUIRED.
 */
export async function requireCurrentSession(tx: Tx, { record }: Actor): Promise<void> {
  if (record === undefined || record.kind === "task") return;
  const state = await readSessionState(tx, record.id);
  if (state === undefined || !isCurrent(state))
    throw credentialRefused("the session ended just now");
}

function isCurrent(state: SessionState): boolean {
  if (!state.isLive || state.kind === "runner") return state.isLive;
  const { runnerState, instanceState } = state;
  return botPermits("session", runnerState as RunnerState, instanceState as InstanceState);
}
