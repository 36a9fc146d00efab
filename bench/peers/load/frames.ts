import { Buffer } from "node:buffer";

/** The types of frames of HTTP/2 that a load meets. */
export const frameTypes = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags; that of an acknowledgement is the same bit as the end of a stream. */
export const flags = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** How many bytes stand before what a frame holds. */
export const frameHeadBytes = 9;

/** Makes a frame. */
export function makeFrame(
  type: number,
  flag: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const frame = Buffer.allocUnsafe(frameHeadBytes + payload.length);
  frame.writeUIntBE(payload.length, 0, 3);
  frame[3] = type;
  frame[4] = flag;
  frame.writeUInt32BE(stream, 5);
  frame.set(payload, frameHeadBytes);
  return frame;
}

/** A frame that allows the other end to send so many bytes more; stream 0: in all streams together. */
export function makeWindowUpdate(stream: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return makeFrame(frameTypes.windowUpdate, 0, stream, payload);
}

/** Settings: pairs of a number and a value. */
export function makeSettings(pairs: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.alloc(6 * pairs.length);
  pairs.forEach(([id, value], index) => {
    payload.writeUInt16BE(id, 6 * index);
    payload.writeUInt32BE(value, 6 * index + 2);
  });
  return makeFrame(frameTypes.settings, 0, 0, payload);
}

/** Cuts what arrives into frames, and hands over each. What it holds is valid during the call only. */
export function createFrameReader(
  take: (type: number, flag: number, stream: number, payload: Buffer) => void,
): (chunk: Buffer) => void {
  let rest: Buffer | undefined;
  return (chunk) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (bytes.length - at >= frameHeadBytes) {
      const length = bytes.readUIntBE(at, 3);
      const end = at + frameHeadBytes + length;
      if (end > bytes.length) break;
      const stream = bytes.readUInt32BE(at + 5) & 0x7fffffff;
      take(
        bytes[at + 3] ?? 0,
        bytes[at + 4] ?? 0,
        stream,
        bytes.subarray(at + frameHeadBytes, end),
      );
      at = end;
    }
    rest = at === bytes.length ? undefined : bytes.subarray(at);
  };
}
