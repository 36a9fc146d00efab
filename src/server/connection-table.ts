import type { Socket } from "node:net";
import { sweepPeriodMs, type ConnectionLimits } from "./connection-limits.ts";

/** What a connection speaks; `undecided` until its first bytes say so. */
export type ConnectionProtocol = "undecided" | "http1" | "http2";

/** What the table asks of a connection, whatever it speaks. */
export interface Connection {
  readonly protocol: ConnectionProtocol;
  /** Ends the connection as soon as its calls have ended, and takes no new ones. Called once. */
  retire(): void;
  /** Ends what overstays the limits; `now` is on the clock of `performance.now()`. */
  sweep(now: number): void;
}

/** The open connections of a listener, and the one timer that enforces their limits. */
export interface ConnectionTable {
  /** Adds a connection, or replaces the one on the same socket. It leaves when the socket closes. */
  put(socket: Socket, connection: Connection): void;
  /** How many connections speak the protocol. */
  count(protocol: ConnectionProtocol): number;
  /** Retires every connection, those that are put later too. */
  retireAll(): void;
  /** Makes every open connection as old as it may get: it is retired, and ended after the grace. */
  ageAll(): void;
  /** Ends every connection at once. */
  destroyAll(): void;
  /** Resolves when no connection is left. */
  whenEmpty(): Promise<void>;
  /** Stops the timer. */
  close(): void;
}

interface Entry {
  connection: Connection;
  retireAt: number;
  retiredAt: number | undefined;
}

/**
 * Makes an empty table. `random` (0 to 1) spreads the ends of connections that began together: each
 * lives between 90 % and 110 % of the maximum age.
 */
export function createConnectionTable(
  limits: ConnectionLimits,
  random: () => number = Math.random,
): ConnectionTable {
  const entries = new Map<Socket, Entry>();
  const waiting: (() => void)[] = [];
  let retiring = false;

  function retirementTime(): number {
    return performance.now() + (limits.maxConnectionAgeMs ?? Infinity) * (0.9 + random() * 0.2);
  }

  function remove(socket: Socket): void {
    entries.delete(socket);
    if (entries.size === 0) for (const resolve of waiting.splice(0)) resolve();
  }

  const timer = setInterval(() => sweepAll(entries, limits), sweepPeriodMs(limits)).unref();

  return {
    put(socket, connection) {
      let entry = entries.get(socket);
      if (entry === undefined) {
        entry = { connection, retireAt: retirementTime(), retiredAt: undefined };
        entries.set(socket, entry);
        socket.once("close", () => remove(socket));
      } else {
        entry.connection = connection;
        if (entry.retiredAt !== undefined) connection.retire();
      }
      if (retiring) retire(entry, performance.now());
    },
    count(protocol) {
      let count = 0;
      for (const entry of entries.values()) {
        if (entry.connection.protocol === protocol) count += 1;
      }
      return count;
    },
    retireAll() {
      retiring = true;
      for (const entry of entries.values()) retire(entry, performance.now());
    },
    ageAll() {
      const now = performance.now();
      for (const entry of entries.values()) {
        entry.retireAt = Math.min(entry.retireAt, now);
        retire(entry, now);
      }
    },
    destroyAll() {
      for (const socket of entries.keys()) socket.destroy();
    },
    whenEmpty() {
      if (entries.size === 0) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
    close() {
      clearInterval(timer);
    },
  };
}

function sweepAll(entries: ReadonlyMap<Socket, Entry>, limits: ConnectionLimits): void {
  const now = performance.now();
  for (const [socket, entry] of entries) {
    entry.connection.sweep(now);
    if (now >= entry.retireAt) retire(entry, now);
    // A drain sets no time here: it has a bound of its own.
    if (now >= entry.retireAt + limits.connectionAgeGraceMs) socket.destroy();
  }
}

function retire(entry: Entry, now: number): void {
  if (entry.retiredAt !== undefined) return;
  entry.retiredAt = now;
  entry.connection.retire();
}
