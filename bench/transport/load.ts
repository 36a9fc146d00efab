import type { Buffer } from "node:buffer";
import { serveParent } from "../children.ts";
import type { Client } from "./client.ts";
import { expectedStatus, methodPath, requestBody, requestHeaders } from "./frames.ts";
import { openHttp1Client } from "./http1-client.ts";
import { openHttp2Client } from "./http2-client.ts";
import {
  protocols,
  type LoadRequest,
  type LoadResult,
  type LoadRun,
  type Protocol,
  type ServerWork,
} from "./messages.ts";
import { callInPattern } from "./patterns.ts";
import { sumUp } from "./sum-up.ts";

// The process that asks.

type Bodies = Readonly<Record<LoadRun["questions"], readonly Buffer[]>>;

const http2Connections = 8;

let token = "";
const bodies = new Map<Protocol, Bodies>();

serveParent((message) => {
  const request = message as LoadRequest;
  return "prepare" in request ? prepare(request.prepare) : run(request.run);
});

function prepare(work: ServerWork): void {
  ({ token } = work);
  for (const protocol of protocols) {
    bodies.set(protocol, {
      permitted: work.permitted.map((question) => requestBody(protocol, question)),
      denied: work.denied.map((question) => requestBody(protocol, question)),
    });
  }
}

async function run(task: LoadRun): Promise<LoadResult> {
  const { protocol, questions, expectDenial, pattern, seconds } = task;
  const prepared = bodies.get(protocol)?.[questions] ?? [];
  if (prepared.length === 0) throw new Error("the load has no questions");
  const client = await openClient(task);
  try {
    const status = expectedStatus(protocol, expectDenial);
    const cpu = process.cpuUsage();
    const calls = await callInPattern(client, prepared, { pattern, seconds, status });
    return sumUp(calls, cpu);
  } finally {
    await client.close();
  }
}

async function openClient({ port, protocol, pattern }: LoadRun): Promise<Client> {
  const one = pattern.kind === "closed" && pattern.inFlight === 1;
  const options = { port, path: methodPath, headers: requestHeaders(protocol, token) };
  if (protocol === "Connect JSON") {
    // As many connections as calls: each carries one at a time.
    const connections = pattern.kind === "closed" ? pattern.inFlight : 256;
    return openHttp1Client({ ...options, connections });
  }
  return openHttp2Client({ ...options, connections: one ? 1 : http2Connections });
}
