import type { Logger } from "pino";
import { DomainError } from "../domain/errors.ts";
import { ForeignHistoryError, type ReplicaEvents } from "../replica/replica.ts";
import type { WatchEvents } from "../storage/database.ts";
import type { LoadProgress } from "../storage/load-state.ts";
import { logEngineWarning } from "./engine-warning-log.ts";
import { createLimitedLog } from "./limited-log.ts";

/** Writes what happens to a replica into the log. `close` ends the counting of suppressed lines. */
export function createReplicaLog(log: Logger): {
  readonly events: ReplicaEvents;
  /** What a watcher of the database tells. */
  readonly watch: Pick<WatchEvents, "onLost" | "onRestored">;
  /** Whether the database does not continue the history of the snapshot, as far as is known. */
  readonly isForeign: () => boolean;
  readonly close: () => void;
} {
  const limited = createLimitedLog(log);
  let foreign: ForeignHistoryError | undefined;
  const reminder = setInterval(() => {
    if (foreign !== undefined) log.error({ err: foreign }, failureMessage(foreign));
  }, reminderIntervalMs).unref();
  return {
    isForeign: () => foreign !== undefined,
    events: {
      onState: ({ revision }) => log.info({ revision: revision.toString() }, "new snapshot"),
      onFailure: (error) => {
        if (error instanceof ForeignHistoryError) foreign = error;
        log.error({ err: error }, failureMessage(error));
      },
      onRecovery: () => {
        foreign = undefined;
        log.info("the snapshot follows the database again");
      },
      onWarning: (warning) => logEngineWarning(limited, warning),
      onProgress: createLoadLog(log),
      onMisfit: (cause) =>
        log.error({ err: cause }, "the changes do not fit the snapshot; everything is loaded anew"),
      onAcceptedRestore: (found, mine) =>
        log.warn(
          { revision: found.revision.toString(), before: mine.revision.toString() },
          "an operator accepted the history of the database; it is followed from now on",
        ),
    },
    watch: {
      onLost: (error) =>
        log.warn({ err: error }, "notifications are lost; the database is polled meanwhile"),
      onRestored: () => log.info("notifications arrive again"),
    },
    close: () => {
      clearInterval(reminder);
      limited.close();
    },
  };
}

/** How often it is said again that a database is not followed: nobody may miss it. */
const reminderIntervalMs = 5 * 60_000;

/** How many milliseconds lie between two lines about a load that goes on. */
const progressIntervalMs = 1_000;

function createLoadLog(log: Logger): (progress: LoadProgress) => void {
  let next = performance.now() + progressIntervalMs;
  return ({ groups, memberships }) => {
    const now = performance.now();
    if (now < next) return;
    next = now + progressIntervalMs;
    log.info({ groups, memberships }, "loading");
  };
}

function failureMessage(error: unknown): string {
  if (error instanceof ForeignHistoryError) {
    return "the database was restored, forked or replaced; checks go on from the history before; `fleetgate accept-restore` makes replicas follow it";
  }
  return error instanceof DomainError && error.reason === "STORAGE_UNAVAILABLE"
    ? "the database does not answer; checks go on from memory"
    : "no snapshot can be made of what the database holds; checks go on from the last one";
}
