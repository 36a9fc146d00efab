import { constants, type ServerHttp2Stream } from "node:http2";

/** The streams of one connection that are open, kept without a listener on any of them. */
export interface OpenStreams {
  /** Adds a stream that has just been opened. */
  add(stream: ServerHttp2Stream): void;
  /**
   * Resets the streams that overstay `timeoutMs`: their clients do not send the whole request, or do not take the answer.
   * Says how many are open, and whether any was opened since the last sweep. Times count from the first sweep that sees them.
   */
  sweep(now: number, timeoutMs: number): { readonly open: number; readonly opened: boolean };
}

interface StreamTimes {
  readonly seenAt: number;
  /** Since when the stream waits for the client to take what was sent to it. */
  waitingSince: number | undefined;
}

// Streams that are over are let go at the latest when there are so many, or at the next sweep. Few: what is held outlives
// the collection of young garbage, which is then no longer cheap.
const leastRoom = 8;

/** Makes an empty list. */
export function createOpenStreams(): OpenStreams {
  const streams: ServerHttp2Stream[] = [];
  let room = leastRoom;
  let opened = false;
  let times = new Map<ServerHttp2Stream, StreamTimes>();

  function letGo(): void {
    let kept = 0;
    for (const stream of streams) {
      if (stream.destroyed) continue;
      streams[kept] = stream;
      kept += 1;
    }
    streams.length = kept;
    room = Math.max(leastRoom, streams.length * 2);
  }

  return {
    add(stream) {
      opened = true;
      if (streams.length >= room) letGo();
      streams.push(stream);
    },
    sweep(now, timeoutMs) {
      letGo();
      const known = times;
      times = new Map();
      for (const stream of streams) {
        const own = known.get(stream) ?? { seenAt: now, waitingSince: undefined };
        times.set(stream, own);
        sweepStream(stream, own, now, timeoutMs);
      }
      const result = { open: streams.length, opened };
      opened = false;
      return result;
    },
  };
}

function sweepStream(
  stream: ServerHttp2Stream,
  times: StreamTimes,
  now: number,
  timeoutMs: number,
): void {
  const waits = stream.writableEnded || stream.writableNeedDrain;
  if (!waits) times.waitingSince = undefined;
  else times.waitingSince ??= now;
  const receiving = !stream.endAfterHeaders && !stream.readableEnded;
  const late =
    (receiving && now - times.seenAt > timeoutMs) ||
    (times.waitingSince !== undefined && now - times.waitingSince > timeoutMs);
  if (!late) return;
  // One that both sides have closed is over only when its request is read to the end, which nobody does any more.
  if (stream.closed) stream.destroy();
  else stream.close(constants.NGHTTP2_CANCEL);
}
