import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { SnapshotFileError } from "./snapshot-file-error.ts";

/**
 * Opens a file of this user that nobody else may read or write: it holds the key of etags and the hashes of API
 * keys, and what it says is believed. Undefined when there is none. Throws SnapshotFileError, or what the system says.
 */
export async function openOwnFile(
  path: string,
  access: "read" | "update",
): Promise<FileHandle | undefined> {
  const flags = access === "read" ? constants.O_RDONLY : constants.O_RDWR;
  let handle: FileHandle;
  try {
    // Not to wait for the other end of what may be a pipe.
    handle = await open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    if (code === "ELOOP")
      throw new SnapshotFileError("it is a symbolic link, which is not followed");
    throw error;
  }
  try {
    const stats = await handle.stat();
    const { uid, mode } = stats;
    if (!stats.isFile()) throw new SnapshotFileError("it is no plain file");
    const me = process.geteuid?.();
    if (me !== undefined && uid !== me) {
      throw new SnapshotFileError(`it belongs to user ${uid}, and this process runs as user ${me}`);
    }
    if ((mode & 0o077) !== 0) {
      const bits = (mode & 0o777).toString(8).padStart(4, "0");
      throw new SnapshotFileError(
        `others may read or write it: its mode is ${bits}, and must be 0600`,
      );
    }
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
