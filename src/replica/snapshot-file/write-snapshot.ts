import { Buffer } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open, readdir, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ReplicaState } from "../state.ts";
import { encodeState } from "./encode-state.ts";
import { formatHead, headOf } from "./head.ts";
import { formatTrailer } from "./layout.ts";

/** What is written to a snapshot file. */
export interface SnapshotToWrite {
  readonly state: ReplicaState;
  readonly release: string;
  /** When storage last confirmed the state, in milliseconds since 1970. */
  readonly confirmedAt: number;
}

/**
 * Writes a snapshot file in the place of the one before, which stays until the new one is on the disk: whatever ends
 * the process leaves the one or the other. Works in slices of a few milliseconds. Fails with what the
 * system says.
 */
export async function writeSnapshot(path: string, snapshot: SnapshotToWrite): Promise<void> {
  await removeLeftovers(path);
  const temporary = `${path}.${randomBytes(8).toString("hex")}.tmp`;
  const { O_WRONLY, O_CREAT, O_EXCL } = constants;
  const handle = await open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o600);
  try {
    try {
      await writeAll(handle, snapshot);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

// How much one slice takes: of time, and of memory.
const sliceMs = 2;
const sliceCharacters = 1 << 17;

async function writeAll(
  handle: FileHandle,
  { state, release, confirmedAt }: SnapshotToWrite,
): Promise<void> {
  const hash = createHash("sha256");
  let text = formatHead(headOf(state, release));
  let end = performance.now() + sliceMs;

  async function flush(): Promise<void> {
    const bytes = Buffer.from(text);
    text = "";
    hash.update(bytes);
    // Others have their turn meanwhile.
    await handle.appendFile(bytes);
    end = performance.now() + sliceMs;
  }

  for (const line of encodeState(state)) {
    text += line;
    if (text.length >= sliceCharacters || performance.now() >= end) await flush();
  }
  await flush();
  await handle.appendFile(formatTrailer(hash.digest("hex"), confirmedAt));
}

/** How old a temporary file is that nobody writes any more, in milliseconds. */
const leftoverMs = 10 * 60_000;

/** Removes what processes left that were killed while they wrote. One that is being written now stays. */
async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || !/^[0-9a-f]{16}\.tmp$/.test(name.slice(prefix.length)))
      continue;
    const leftover = join(folder, name);
    const { mtimeMs } = await stat(leftover).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > leftoverMs) await rm(leftover, { force: true });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
