/** A snapshot file that must not be used. The message says why, and holds nothing of what the file holds. */
export class SnapshotFileError extends Error {
  override readonly name = "SnapshotFileError";
}
