import type { Buffer } from "node:buffer";
import type { Client } from "./client.ts";
import type { Pattern } from "./messages.ts";

/** What the calls of a run came to. */
export interface Calls {
  /** Milliseconds from the time each call was due to the end of its answer, in no special order. */
  readonly latencies: readonly number[];
  /** Milliseconds by which each paced call was sent after it was due. */
  readonly delays: readonly number[];
  /** From the first call until no more were sent. */
  readonly seconds: number;
}

/** Calls that may wait for an answer at a fixed rate before the run is given up. */
const maxBacklog = 10_000;

/** Calls in a pattern for some seconds. Fails when an answer has another status than expected. */
export function callInPattern(
  client: Client,
  bodies: readonly Buffer[],
  options: { readonly pattern: Pattern; readonly seconds: number; readonly status: string },
): Promise<Calls> {
  const { pattern, seconds, status } = options;
  return pattern.kind === "closed"
    ? callClosed(client, bodies, pattern.inFlight, seconds, status)
    : callPaced(client, bodies, pattern.perSecond, seconds, status);
}

function callClosed(
  client: Client,
  bodies: readonly Buffer[],
  inFlight: number,
  seconds: number,
  status: string,
): Promise<Calls> {
  return new Promise((resolve, reject) => {
    const latencies: number[] = [];
    const begin = performance.now();
    const end = begin + seconds * 1000;
    let sent = 0;
    let running = inFlight;
    const next = (): void => {
      const sentAt = performance.now();
      if (sentAt >= end) {
        running -= 1;
        if (running === 0) resolve({ latencies, delays: [], seconds: (sentAt - begin) / 1000 });
        return;
      }
      const body = bodies[sent % bodies.length] as Buffer;
      sent += 1;
      client.call(body, (got) => {
        if (got !== status) reject(unexpected(got, status));
        latencies.push(performance.now() - sentAt);
        next();
      });
    };
    for (let index = 0; index < inFlight; index += 1) next();
  });
}

/**
 * Sends each call when it is due, and counts from then: a server that stalls delays all the calls that are
 * due meanwhile, and every one of them shows it.
 */
function callPaced(
  client: Client,
  bodies: readonly Buffer[],
  perSecond: number,
  seconds: number,
  status: string,
): Promise<Calls> {
  return new Promise((resolve, reject) => {
    const latencies: number[] = [];
    const delays: number[] = [];
    const total = Math.ceil(perSecond * seconds);
    const begin = performance.now();
    let sent = 0;
    const send = (dueAt: number): void => {
      delays.push(performance.now() - dueAt);
      client.call(bodies[sent % bodies.length] as Buffer, (got) => {
        if (got !== status) reject(unexpected(got, status));
        latencies.push(performance.now() - dueAt);
        if (latencies.length < total) return;
        // Whoever falls behind takes longer than it was asked to, and its rate is that of the time that it took.
        const took = (performance.now() - begin) / 1000;
        resolve({ latencies, delays, seconds: Math.max(seconds, took) });
      });
      sent += 1;
    };
    const tick = (): void => {
      const elapsed = performance.now() - begin;
      const due = Math.min(total, Math.floor((elapsed * perSecond) / 1000) + 1);
      for (let left = due - sent; left > 0; left -= 1) send(begin + (sent * 1000) / perSecond);
      if (sent - latencies.length > maxBacklog) {
        reject(new Error(`the server does not keep up with ${perSecond} calls a second`));
      } else if (sent < total) {
        // Timers are too coarse: the load looks at the clock in every turn of the loop.
        setImmediate(tick);
      }
    };
    tick();
  });
}

function unexpected(got: string, wanted: string): Error {
  return new Error(`an answer had the status ${got}, not ${wanted}`);
}
