import { Client } from "pg";
import { startChild, type Child } from "../children.ts";
import type { Target } from "./measure.ts";
import type { ServerStart } from "./messages.ts";

/** How long a server may take to start. */
export const startMs = 60_000;

/** Creates the database of the bench, and returns its URL. */
export async function createDatabase(serverUrl: string): Promise<string> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  await client.query("create database bench");
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = "/bench";
  return url.href;
}

/** Starts a whole server in a process of its own. */
export function startServer(start: ServerStart, core?: number): Promise<Target> {
  return openTarget(startChild(new URL("./server.ts", import.meta.url), [], { core }), start);
}

/** Tells a process to listen; one that cannot is ended. */
export async function openTarget(child: Child, start: ServerStart): Promise<Target> {
  try {
    return { child, port: await child.ask<number>({ kind: "open", ...start }, startMs) };
  } catch (error) {
    await child.stop();
    throw error;
  }
}
