import { createHash } from "node:crypto";

/*
 * A snapshot file is text: a line with the version of its format, a line with the head, a line for each record, and
 * a trailer of fixed size. The trailer has the SHA-256 of everything before it, and two places for the time at
 * which storage last confirmed the state. Only these are written in place, the older one each time, and each has a
 * checksum of its own: a crash in the middle leaves the other.
 *
 * The checksums guard against damage: a disk, a copy that broke off, a crash. They have no key, so they do not
 * guard against somebody who may write the file; its owner and mode do.
 */

/** The first line; the number goes up when older releases could misread what is written. */
export const formatLine = "fleetgate snapshot 1\n";

/** How many bytes the trailer has. */
export const trailerBytes = 256;

/** The last confirmation in a trailer, and where the next one goes. */
export interface Trailer {
  /** SHA-256 of what is before the trailer, hexadecimal. */
  readonly digest: string;
  /** When storage last confirmed the state, in milliseconds since 1970. */
  readonly confirmedAt: number;
  /** The bytes of the trailer at which the next confirmation belongs. */
  readonly nextOffset: number;
}

const digestLine = /^sha256 ([0-9a-f]{64})\n$/;
const digestBytes = 72;
const confirmationLine = /^confirmed ([0-9]{16}) ([0-9a-f]{64})\n$/;
const confirmationBytes = 92;

/** The trailer of a file that is written anew. */
export function formatTrailer(digest: string, confirmedAt: number): string {
  const confirmation = formatConfirmation(digest, confirmedAt);
  return `sha256 ${digest}\n${confirmation}${confirmation}`;
}

/** A confirmation, to be written in the place of an older one. */
export function formatConfirmation(digest: string, confirmedAt: number): string {
  const time = Math.trunc(confirmedAt).toString().padStart(16, "0");
  return `confirmed ${time} ${checksum(digest, time)}\n`;
}

/** Reads a trailer; undefined when it is none, or both confirmations are damaged. */
export function parseTrailer(text: string): Trailer | undefined {
  const digest = digestLine.exec(text.slice(0, digestBytes))?.[1];
  if (digest === undefined || text.length !== trailerBytes) return undefined;
  const offsets = [digestBytes, digestBytes + confirmationBytes] as const;
  const [first, second] = offsets.map((offset) =>
    parseConfirmation(digest, text.slice(offset, offset + confirmationBytes)),
  );
  if (first === undefined && second === undefined) return undefined;
  const confirmedAt = Math.max(first ?? 0, second ?? 0);
  return { digest, confirmedAt, nextOffset: first === confirmedAt ? offsets[1] : offsets[0] };
}

function parseConfirmation(digest: string, line: string): number | undefined {
  const [, time = "", sum] = confirmationLine.exec(line) ?? [];
  return sum === checksum(digest, time) ? Number(time) : undefined;
}

function checksum(digest: string, time: string): string {
  return createHash("sha256").update(`${digest} ${time}`).digest("hex");
}
