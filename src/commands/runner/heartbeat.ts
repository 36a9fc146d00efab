import type { ManagerContact } from "../../credentials/manager-contacts.ts";
import type { Actor } from "../../credentials/deps.ts";
import { credentialRefused } from "../credential/credential-refused.ts";
import { requestedInfo, type SaidInfo } from "./requested-info.ts";

/** How long a manager waits until it says again that it lives, in milliseconds. */
export const heartbeatMs = 60_000;

/** What a heartbeat is answered. */
export interface HeartbeatAnswer {
  readonly paused: boolean;
  readonly expiresAt: Date;
}

/**
 * Takes a heartbeat of a manager: what of it is to be noted, and what it is answered. All of it is in its credential, so that it works
 * from memory, also while the database is lost. Fails with CREDENTIAL_REQUIRED and INVALID_FIELD.
 */
export function takeHeartbeat(
  { record, source }: Actor,
  input: { readonly info?: SaidInfo | undefined; readonly ready: boolean },
  now: number,
): { readonly contact: ManagerContact; readonly answer: HeartbeatAnswer } {
  const { systemId, subject } = record ?? {};
  const isManager = record?.kind === "runner" && subject?.kind === "runner";
  if (!isManager || systemId === undefined) throw credentialRefused("it is no runner token");
  const info = requestedInfo(input.info);
  return {
    contact: {
      ...{ runnerUid: subject.uid, systemId, credentialId: record.id },
      ...{ at: now, ready: input.ready, source, info },
    },
    answer: { paused: subject.paused, expiresAt: new Date(record.expiresAt) },
  };
}
