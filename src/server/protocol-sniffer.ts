import type { Socket } from "node:net";
import type { Connection } from "./connection-table.ts";

/** A protocol that the first bytes of a cleartext connection tell. */
export type SniffedProtocol = "http1" | "http2";

// The preface of HTTP/2 goes on (" * HTTP/2.0..."), but no method of HTTP/1.1 begins so.
const prefaceStart = Buffer.from("PRI");

/** What a connection speaks that began with these bytes; undefined: more of them are needed. */
export function sniffProtocol(bytes: Buffer): SniffedProtocol | undefined {
  const length = Math.min(bytes.length, prefaceStart.length);
  if (!bytes.subarray(0, length).equals(prefaceStart.subarray(0, length))) return "http1";
  return length === prefaceStart.length ? "http2" : undefined;
}

/**
 * Reads the first bytes of a socket until they tell the protocol, puts them back and calls `onDecided`
 * with the socket paused. A socket that ends before, or takes longer than `timeoutMs`, is destroyed.
 */
export function createSniffer(
  socket: Socket,
  timeoutMs: number,
  onDecided: (protocol: SniffedProtocol) => void,
): Connection {
  const openedAt = performance.now();
  let bytes = Buffer.alloc(0);

  function onData(chunk: Buffer): void {
    bytes = Buffer.concat([bytes, chunk]);
    const protocol = sniffProtocol(bytes);
    if (protocol === undefined) return;
    socket.off("data", onData);
    socket.off("end", onEnd);
    socket.pause();
    socket.unshift(bytes);
    onDecided(protocol);
  }
  function onEnd(): void {
    socket.destroy();
  }
  socket.on("data", onData);
  socket.on("end", onEnd);

  return {
    protocol: "undecided",
    retire() {
      socket.destroy();
    },
    sweep(now) {
      if (now - openedAt > timeoutMs) socket.destroy();
    },
  };
}
