import { Buffer } from "node:buffer";
import { serveParent } from "../children.ts";
import { openLeanSession, type LeanSession } from "../peers/load/lean-session.ts";
import type { Client } from "../transport/client.ts";
import { requestHeaders } from "../transport/frames.ts";
import type { LoadResult } from "../transport/messages.ts";
import { callInPattern } from "../transport/patterns.ts";
import { sumUp } from "../transport/sum-up.ts";
import type { LoadRequest, LoadRun, TaskToken } from "./messages.ts";
import { checkCallers, checkStatus, pathOf, prepareRequests } from "./requests.ts";

// The process that asks.

/** Of so many answers one is decoded and compared; of the others the status is looked at. */
const decodedShare = 50;

/** A server that gets more at once over one connection ends it. */
const streamsOfConnection = 50;

const right = "right";

let tokens: readonly TaskToken[] = [];

serveParent((message) => {
  const request = message as LoadRequest;
  if ("run" in request) return run(request.run);
  tokens = request.prepare;
  return undefined;
});

async function run(task: LoadRun): Promise<LoadResult> {
  const { port, key, wire, method, pattern, seconds } = task;
  const options = { port, path: pathOf(method), headers: requestHeaders(wire, key) };
  const sessions = await Promise.all(
    Array.from({ length: task.connections }, () =>
      openLeanSession({ ...options, keepBodies: task.identifies }),
    ),
  );
  try {
    const client = createClient(sessions, task);
    const cpu = process.cpuUsage();
    // The client takes the requests in turn by itself: the pattern only sees that an answer was right.
    const calls = await callInPattern(client, [Buffer.alloc(0)], {
      ...{ pattern, seconds, status: right },
    });
    return sumUp(calls, cpu);
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
  }
}

function createClient(sessions: readonly LeanSession[], task: LoadRun): Client {
  const { wire, method, from, to, once, identifies } = task;
  const requests = prepareRequests(wire, method, tokens.slice(from, to));
  const most = sessions.length * streamsOfConnection;
  const waiting: (() => void)[] = [];
  let underWay = 0;
  let turn = 0;
  const send = (number: number, done: (status: string) => void): void => {
    const request = requests[number % requests.length];
    const session = sessions[number % sessions.length];
    if (request === undefined || session === undefined) return done("nothing to ask about");
    if (once && number >= requests.length) return done("there are no more new tokens");
    underWay += 1;
    return session.call(request.body, (answer) => {
      underWay -= 1;
      waiting.shift()?.();
      const wrong =
        checkStatus(answer) ??
        (identifies && number % decodedShare === 0
          ? checkCallers(wire, method, answer, request)
          : undefined);
      done(wrong ?? right);
    });
  };
  return {
    call: (_body, done) => {
      const number = turn;
      turn += 1;
      // A call that waits here counts from when it was due, as one that waits in the server.
      if (underWay < most) send(number, done);
      else waiting.push(() => send(number, done));
    },
    close: async () => {},
  };
}
