import { setTimeout } from "node:timers/promises";
import { createFleetgate, type Fleetgate } from "../../src/client/node/index.ts";
import { startChild, type Child } from "../children.ts";
import type { Client } from "../transport/client.ts";
import { expectedStatus, methodPath, requestBody, requestHeaders } from "../transport/frames.ts";
import { openHttp2Client } from "../transport/http2-client.ts";
import type { ReplicaRequest } from "./messages.ts";
import type { Stalls } from "./stall-probe.ts";
import { visibleQuestion } from "./world.ts";

/** A server in a process of its own, and how to talk to it. */
export interface LiveReplica {
  readonly child: Child;
  readonly clients: Fleetgate;
  /** Whether it permits an identity what members of the group of the bench may do. */
  readonly isMember: (identity: string) => Promise<boolean>;
  readonly revision: () => Promise<bigint>;
  /** Begins to look for stalls of its event loop. */
  readonly watch: () => Promise<void>;
  /** The longest ones since. */
  readonly stalls: () => Promise<Stalls>;
  readonly close: () => Promise<void>;
}

/** How long a server may take to load everything, and any other request to its process. */
const answerMs = 120_000;

/** Starts servers on one database, all at once. Those that started are ended when one does not. */
export async function startReplicas(
  count: number,
  options: { readonly url: string; readonly token: string; readonly notify: boolean },
): Promise<readonly LiveReplica[]> {
  const started = await Promise.allSettled(
    Array.from({ length: count }, () => startReplica(options)),
  );
  const replicas = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failure = started.find((one) => one.status === "rejected");
  if (failure === undefined) return replicas;
  await stopReplicas(replicas);
  throw failure.reason;
}

/** Ends servers. */
export async function stopReplicas(replicas: readonly LiveReplica[]): Promise<void> {
  await Promise.all(replicas.map((replica) => replica.close()));
}

/** Waits until all are at the newest revision that one of them has. */
export async function settle(replicas: readonly LiveReplica[]): Promise<void> {
  const end = performance.now() + answerMs;
  for (;;) {
    const revisions = await Promise.all(replicas.map((replica) => replica.revision()));
    if (new Set(revisions).size === 1) return;
    if (performance.now() > end) throw new Error("a replica does not follow");
    await setTimeout(5);
  }
}

async function startReplica(options: {
  readonly url: string;
  readonly token: string;
  readonly notify: boolean;
}): Promise<LiveReplica> {
  const { url, token, notify } = options;
  const child = startChild(new URL("./replica.ts", import.meta.url), []);
  const ask = <T>(request: ReplicaRequest): Promise<T> => child.ask<T>(request, answerMs);
  try {
    const endpoint = await ask<string>({ kind: "open", url, notify });
    const clients = createFleetgate({
      endpoints: [endpoint],
      key: () => token,
      deadlineMs: 60_000,
      retry: { rounds: 1 },
    });
    const checks = await openHttp2Client({
      port: Number(new URL(endpoint).port),
      path: methodPath,
      headers: requestHeaders("Connect", token),
      connections: 1,
    });
    return {
      child,
      clients,
      isMember: (identity) => isMember(checks, identity),
      revision: () => ask({ kind: "revision" }),
      watch: () => ask({ kind: "watch" }),
      stalls: () => ask({ kind: "stalls" }),
      close: async () => {
        await checks.close();
        await clients.close();
        await child.stop();
      },
    };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

function isMember(checks: Client, caller: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    checks.call(requestBody("Connect", { ...visibleQuestion, caller }), (status) => {
      if (status === expectedStatus("Connect", false)) resolve(true);
      else if (status === expectedStatus("Connect", true)) resolve(false);
      else reject(new Error(`an answer had the status ${status}`));
    });
  });
}
