import type { Logger } from "pino";
import { SnapshotFileError } from "../replica/snapshot-file/snapshot-file-error.ts";
import type { SnapshotFileEvents } from "../replica/snapshot-file/start-replica.ts";

/** Writes what happens to the snapshot file at `path` into the log. */
export function createSnapshotFileLog(log: Logger, path: string): SnapshotFileEvents {
  return {
    onUsed: ({ state, ageMs }) =>
      log.warn(
        { file: path, revision: state.revision.toString(), age_s: Math.round(ageMs / 1000) },
        "checks are answered from the snapshot file until the database is followed again",
      ),
    onRefused: (error) => {
      if (error instanceof SnapshotFileError) {
        log.error({ file: path }, `the snapshot file is not used: ${error.message}`);
      } else {
        log.error({ file: path, err: error }, "the snapshot file is not used: it cannot be read");
      }
    },
    onWriteFailure: (error) =>
      log.error(
        { file: path, err: error },
        "the snapshot file cannot be written: a start while the database is down would lack it, or have an old one",
      ),
    onWriteRecovery: () => log.info({ file: path }, "the snapshot file is written again"),
  };
}
