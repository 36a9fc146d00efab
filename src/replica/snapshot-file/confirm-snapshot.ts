import { Buffer } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import type { RevisionPoint } from "../../storage/revision-point.ts";
import { isSamePoint } from "../history.ts";
import { maxHeadBytes, parseHead } from "./head.ts";
import { formatConfirmation, parseTrailer, trailerBytes } from "./layout.ts";
import { openOwnFile } from "./open-own-file.ts";
import { SnapshotFileError } from "./snapshot-file-error.ts";

/** What a file must hold to be confirmed, and when storage confirmed that. */
export interface Confirmation {
  readonly point: RevisionPoint;
  readonly release: string;
  /** Milliseconds since 1970. */
  readonly confirmedAt: number;
  /** The time now, likewise. */
  readonly now: number;
}

// Less than this is not worth a write.
const worthMs = 1000;

/**
 * Notes in a snapshot file that storage has confirmed its state again, without writing the state anew. False when
 * there is no such file, or it holds another state. Fails with what the system says.
 */
export async function confirmSnapshot(path: string, wanted: Confirmation): Promise<boolean> {
  let handle: FileHandle | undefined;
  try {
    handle = await openOwnFile(path, "update");
    return handle !== undefined && (await confirm(handle, wanted));
  } catch (error) {
    if (error instanceof SnapshotFileError) return false;
    throw error;
  } finally {
    await handle?.close();
  }
}

async function confirm(
  handle: FileHandle,
  { point, release, confirmedAt, now }: Confirmation,
): Promise<boolean> {
  const { size } = await handle.stat();
  const head = parseHead(await readText(handle, 0, Math.min(maxHeadBytes, size)));
  if (head.release !== release || !isSamePoint(head, point)) return false;
  const start = size - trailerBytes;
  const trailer = start < 0 ? undefined : parseTrailer(await readText(handle, start, trailerBytes));
  if (trailer === undefined) return false;
  // A time from before the clock was set right is no use: a new file forgets it.
  if (trailer.confirmedAt > now + worthMs) return false;
  if (confirmedAt < trailer.confirmedAt + worthMs) return true;
  const bytes = Buffer.from(formatConfirmation(trailer.digest, confirmedAt));
  const { bytesWritten } = await handle.write(bytes, 0, bytes.length, start + trailer.nextOffset);
  if (bytesWritten !== bytes.length) return false;
  await handle.datasync();
  return true;
}

/** Reads bytes of a file as text; fewer when the file ends before. */
export async function readText(handle: FileHandle, start: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start);
  return buffer.toString("latin1", 0, bytesRead);
}
