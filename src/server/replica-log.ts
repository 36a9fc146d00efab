import type { Logger } from "pino";
import { DomainError } from "../domain/errors.ts";
import { ForeignHistoryError, type ReplicaEvents } from "../replica/replica.ts";
import { logEngineWarning } from "./engine-warning-log.ts";
import { createLimitedLog } from "./limited-log.ts";

/** Writes what happens to a replica into the log. `close` ends the counting of suppressed lines. */
export function createReplicaLog(log: Logger): {
  readonly events: ReplicaEvents;
  readonly close: () => void;
} {
  const limited = createLimitedLog(log);
  return {
    events: {
      onState: ({ revision }) => log.info({ revision: revision.toString() }, "new snapshot"),
      onFailure: (error) => log.error({ err: error }, failureMessage(error)),
      onRecovery: () => log.info("the snapshot follows the database again"),
      onWarning: (warning) => logEngineWarning(limited, warning),
    },
    close: () => limited.close(),
  };
}

function failureMessage(error: unknown): string {
  if (error instanceof ForeignHistoryError) {
    return "the database was restored, forked or replaced; checks go on from the history before";
  }
  return error instanceof DomainError && error.reason === "STORAGE_UNAVAILABLE"
    ? "the database does not answer; checks go on from memory"
    : "no snapshot can be made of what the database holds; checks go on from the last one";
}
