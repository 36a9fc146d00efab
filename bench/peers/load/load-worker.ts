import { Buffer } from "node:buffer";
import { serveParent } from "../../children.ts";
import { requestHeaders } from "../../transport/frames.ts";
import { callInPattern } from "../../transport/patterns.ts";
import type { Client } from "../../transport/client.ts";
import type { LoadResult, Pattern } from "../../transport/messages.ts";
import { sumUp } from "../../transport/sum-up.ts";
import type { LoadMode, LoadRequest, LoadRun, RequestSet } from "../messages.ts";
import { createAnswerCheck, needsBody, type CheckAnswer } from "./check-answer.ts";
import { runH2load } from "./h2load.ts";
import { openLeanSession, type Answer, type LeanSession } from "./lean-session.ts";

// The process that asks.

let sets: Readonly<Record<string, RequestSet>> = {};

serveParent((message) => {
  const request = message as LoadRequest;
  if ("run" in request)
    return request.run.mode.kind === "h2load" ? h2load(request.run) : run(request.run);
  sets = { ...sets, ...request.prepare };
  return undefined;
});

function setOf({ set }: LoadRun): RequestSet {
  const found = sets[set];
  if (found === undefined || found.bodies.length === 0) throw new Error(`no requests of ${set}`);
  return found;
}

async function run(task: LoadRun): Promise<LoadResult> {
  const { mode, seconds } = task;
  const set = setOf(task);
  const sessions = await openSessions(task, set, connectionsOf(mode));
  try {
    const client = createClient(sessions, set, createAnswerCheck(set, task.answer));
    const cpu = process.cpuUsage();
    // The client takes the requests in turn by itself: the pattern only sees that an answer was right.
    const calls = await callInPattern(client, [Buffer.alloc(0)], {
      ...{ pattern: toPattern(mode), seconds, status: right },
    });
    return sumUp(calls, cpu);
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
  }
}

const right = "right";

function connectionsOf(mode: LoadMode): number {
  return mode.kind === "one" ? 1 : mode.connections;
}

function toPattern(mode: LoadMode): Pattern {
  switch (mode.kind) {
    case "one":
      return { kind: "closed", inFlight: 1 };
    case "paced":
      return { kind: "paced", perSecond: mode.perSecond };
    default:
      return { kind: "closed", inFlight: mode.connections * mode.streams };
  }
}

function openSessions(
  { port, token, answer }: LoadRun,
  { path, wire }: RequestSet,
  count: number,
): Promise<readonly LeanSession[]> {
  const headers = headersOf(wire, token);
  const options = { port, path, headers, keepBodies: needsBody(answer) };
  return Promise.all(Array.from({ length: count }, () => openLeanSession(options)));
}

function headersOf(wire: RequestSet["wire"], token: string | undefined): Record<string, string> {
  const { authorization = "", ...headers } = requestHeaders(wire, token ?? "");
  return token === undefined ? headers : { ...headers, authorization };
}

function createClient(
  sessions: readonly LeanSession[],
  { bodies }: RequestSet,
  check: CheckAnswer,
): Client {
  let turn = 0;
  return {
    call: (_body, done) => {
      const index = turn % bodies.length;
      const session = sessions[turn % sessions.length];
      turn += 1;
      session?.call(bodies[index] ?? new Uint8Array(), (answer) => {
        done(check(answer, index) ?? right);
      });
    },
    close: async () => {},
  };
}

/** One request, again and again. It is asked here first; then the bytes of all bodies must be those of this answer. */
async function h2load(task: LoadRun): Promise<LoadResult> {
  const { mode, port, token, seconds } = task;
  if (mode.kind !== "h2load") throw new Error("not a run of h2load");
  const set = setOf(task);
  const { bytes } = await askOnce(task, set);
  const request = {
    url: `http://127.0.0.1:${port}${set.path}`,
    headers: headersOf(set.wire, token),
    body: set.bodies[0] ?? new Uint8Array(),
    ...{ connections: mode.connections, streams: mode.streams },
  };
  const result = await runH2load({ ...request, seconds });
  const inFlight = mode.connections * mode.streams;
  // Answers that were under way at the end may be in one number and not in the other.
  if (Math.abs(result.dataBytes - result.calls * bytes) > inFlight * bytes) {
    throw new Error(`h2load got ${result.dataBytes} bytes for ${result.calls} calls of ${bytes}`);
  }
  const nobodyLooked = { p50: NaN, p99: NaN, p999: NaN, max: NaN, delay99: NaN };
  return { ...result, ...nobodyLooked, loadCpuSeconds: NaN };
}

async function askOnce(task: LoadRun, set: RequestSet): Promise<{ readonly bytes: number }> {
  const [session] = await openSessions({ ...task, answer: "cerbos" }, set, 1);
  if (session === undefined) throw new Error("no connection");
  try {
    const answer = await new Promise<Answer>((resolve) => {
      session.call(set.bodies[0] ?? new Uint8Array(), resolve);
    });
    const wrong = createAnswerCheck(set, task.answer)(answer, 0);
    if (wrong !== undefined) throw new Error(wrong);
    return { bytes: answer.body.length };
  } finally {
    await session.close();
  }
}
