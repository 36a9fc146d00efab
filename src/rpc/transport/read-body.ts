import { Buffer } from "node:buffer";
import { Code, ConnectError } from "@connectrpc/connect";

/** A body as it comes, with what is known of its form and its end. */
export interface BodySource extends AsyncIterable<unknown> {
  readonly headers: { readonly "content-type"?: string | undefined };
  /** Whether the sender went away before the end. */
  readonly aborted: boolean;
  /** Whether all has come, where that is known. */
  readonly complete?: boolean;
}

const envelopeHead = 5;
const firstCapacity = 1024;

/**
 * The bytes of a body in as few pieces as its form allows, whatever the pieces in which they arrive: all
 * whole messages at hand of an enveloped body (gRPC, gRPC-Web, Connect streams), any other body in one. What
 * comes after us does work for each piece that grows with the number of pieces, and a peer that sends a byte
 * at a time must not choose that number.
 *
 * A message of more than `maxBytes` is handed on as soon as it is known to be one, to be refused. A body that
 * was cut off is an error, never a shorter body: a truncated configuration may parse.
 */
export async function* readBody(request: BodySource, maxBytes: number): AsyncGenerator<Uint8Array> {
  const enveloped = isEnveloped(request.headers["content-type"] ?? "");
  const buffer = createBuffer();
  try {
    for await (const chunk of request) {
      buffer.append(chunk as Uint8Array);
      const bytes = buffer.bytes();
      const end = enveloped ? wholeMessages(bytes, maxBytes) : oversize(bytes, maxBytes);
      if (end > 0) yield buffer.take(end);
    }
  } catch (cause) {
    throw cutOff(cause);
  }
  if (request.aborted || request.complete === false) throw cutOff(undefined);
  const rest = buffer.bytes().length;
  if (rest > 0) yield buffer.take(rest);
}

function isEnveloped(contentType: string): boolean {
  return /^application\/(grpc|connect\+)/i.test(contentType);
}

/** Where the last whole message ends; or the end of all bytes when a message in them is too large. */
function wholeMessages(bytes: Buffer, maxBytes: number): number {
  let end = 0;
  while (bytes.length - end >= envelopeHead) {
    const length = bytes.readUInt32BE(end + 1);
    if (length > maxBytes) return bytes.length;
    if (bytes.length - end < envelopeHead + length) break;
    end += envelopeHead + length;
  }
  return end;
}

function oversize(bytes: Buffer, maxBytes: number): number {
  return bytes.length > maxBytes ? bytes.length : 0;
}

/** Bytes that are appended and taken from the front, at a cost in all that is linear in their number. */
export interface ByteQueue {
  readonly append: (chunk: Uint8Array) => void;
  readonly bytes: () => Buffer;
  readonly take: (count: number) => Uint8Array;
}

/** Makes an empty queue of bytes. */
export function createBuffer(): ByteQueue {
  let storage = Buffer.alloc(0);
  let size = 0;
  return {
    append: (chunk) => {
      if (size + chunk.length > storage.length) {
        const grown = Buffer.allocUnsafe(
          Math.max(firstCapacity, size + chunk.length, storage.length * 2),
        );
        storage.copy(grown, 0, 0, size);
        storage = grown;
      }
      storage.set(chunk, size);
      size += chunk.length;
    },
    bytes: () => storage.subarray(0, size),
    take: (count) => {
      const taken = storage.subarray(0, count);
      // What was taken is somebody else's now, so the rest moves to a place of its own.
      storage = Buffer.from(storage.subarray(count, size));
      size = storage.length;
      return taken;
    },
  };
}

function cutOff(cause: unknown): ConnectError {
  return new ConnectError("the request was cut off", Code.Canceled, undefined, undefined, cause);
}
