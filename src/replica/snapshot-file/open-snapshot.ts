import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { EngineWarning } from "../../engine/snapshot.ts";
import type { Steps } from "../../domain/steps.ts";
import { runInTurns } from "../in-turns.ts";
import type { KeptState } from "../replica.ts";
import { readText } from "./confirm-snapshot.ts";
import { createStateDecoder } from "./decode-state.ts";
import { maxHeadBytes, parseHead, type SnapshotHead } from "./head.ts";
import { parseTrailer, trailerBytes, type Trailer } from "./layout.ts";
import { openOwnFile } from "./open-own-file.ts";
import { SnapshotFileError } from "./snapshot-file-error.ts";

/** What a snapshot file must be to be used. */
export interface SnapshotRules {
  /** The release that must have written it. */
  readonly release: string;
  /** How long ago storage may have confirmed its state at most, in milliseconds. */
  readonly maxStalenessMs: number;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** A snapshot file that may be used: undamaged, of this release, and not too old when it was opened. */
export interface OpenSnapshot {
  readonly head: SnapshotHead;
  /** When storage last confirmed its state, in milliseconds since 1970. */
  readonly confirmedAt: number;
  /** Makes the state. Throws SnapshotFileError, or what the system says. */
  readonly read: (onWarning?: (warning: EngineWarning) => void) => Promise<KeptState>;
  /** Closes the file. */
  readonly close: () => Promise<void>;
}

/** How far ahead a confirmation may be: clocks are set back by so much, in milliseconds, without anybody noticing. */
const maxAheadMs = 60_000;

/**
 * Opens a snapshot file and verifies that it may be used. Undefined when there is none. Throws SnapshotFileError when
 * it may not, or what the system says.
 */
export async function openSnapshot(
  path: string,
  rules: SnapshotRules,
): Promise<OpenSnapshot | undefined> {
  const handle = await openOwnFile(path, "read");
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    const head = parseHead(await readText(handle, 0, Math.min(size, maxHeadBytes)));
    const { confirmedAt } = await verify(handle, size - trailerBytes);
    if (head.release !== rules.release) {
      throw new SnapshotFileError(`release ${head.release} wrote it, and this is ${rules.release}`);
    }
    checkAge(rules.now() - confirmedAt, rules.maxStalenessMs);
    return {
      head,
      confirmedAt,
      read: async (onWarning) => {
        const decoder = createStateDecoder(head, onWarning);
        await readRecords(handle, size - trailerBytes, decoder.take);
        const ageMs = Math.max(0, rules.now() - confirmedAt);
        return { state: await runInTurns(decoder.finish()), ageMs };
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function verify(handle: FileHandle, end: number): Promise<Trailer> {
  const trailer = end <= 0 ? undefined : parseTrailer(await readText(handle, end, trailerBytes));
  if (trailer === undefined) throw new SnapshotFileError("it is damaged at its end, or not whole");
  const hash = createHash("sha256");
  for await (const chunk of chunksOf(handle, end)) hash.update(chunk);
  if (hash.digest("hex") !== trailer.digest) throw new SnapshotFileError("it is damaged");
  return trailer;
}

function checkAge(ageMs: number, maxStalenessMs: number): void {
  const seconds = Math.round(Math.abs(ageMs) / 1000);
  if (ageMs < -maxAheadMs) {
    throw new SnapshotFileError(`it is from the future, by ${seconds} s: a clock is or was wrong`);
  }
  if (ageMs > maxStalenessMs) {
    const most = Math.round(maxStalenessMs / 1000);
    throw new SnapshotFileError(`it is too old: ${seconds} s, and max_staleness is ${most} s`);
  }
}

/** Reads the lines behind the head; others have their turn meanwhile. */
async function readRecords(
  handle: FileHandle,
  end: number,
  take: (line: string) => void,
): Promise<void> {
  let line = 0;
  let rest: Buffer = Buffer.alloc(0);

  function* takeLines(bytes: Buffer): Steps<Buffer> {
    let start = 0;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, start)) {
      if (line >= 2) take(bytes.toString("utf8", start, at));
      line += 1;
      start = at + 1;
      yield;
    }
    return bytes.subarray(start);
  }

  for await (const chunk of chunksOf(handle, end)) {
    rest = await runInTurns(takeLines(rest.length === 0 ? chunk : Buffer.concat([rest, chunk])));
  }
  if (rest.length > 0) throw new SnapshotFileError("its last record is not whole");
}

function chunksOf(handle: FileHandle, end: number): AsyncIterable<Buffer> {
  return handle.createReadStream({
    start: 0,
    end: end - 1,
    autoClose: false,
    highWaterMark: 1 << 20,
  });
}
