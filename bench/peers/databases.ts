import { Client } from "pg";
import { startChild } from "../children.ts";
import type { Filled, WriterRequest } from "../live/messages.ts";
import type { WorldSpec } from "./messages.ts";

/** A database that is filled with a fleet. */
export interface FilledDatabase {
  readonly url: string;
  /** Some groups that people may be added to. */
  readonly teams: readonly string[];
}

/** Who asks on behalf of others; the fleet lets the group that it is put into ask about any person. */
export const asker = "service:bench-asker";

const askersGroup = "fleet-askers";
const answerMs = 240_000;

/** Makes a database on the server of the bench, and fills it by the writer of the live bench. */
export async function fillDatabase(
  serverUrl: string,
  name: string,
  { seed, fleet, memberships }: WorldSpec,
): Promise<FilledDatabase> {
  const url = await createDatabase(serverUrl, name);
  const writer = startChild(new URL("../live/writer.ts", import.meta.url), []);
  const ask = <T>(request: WriterRequest): Promise<T> => writer.ask<T>(request, answerMs);
  try {
    const { teams } = await ask<Filled>({ kind: "open", url, seed, fleet });
    await ask({ kind: "fill", memberships });
    await ask({ kind: "commit", group: askersGroup, member: asker });
    return { url, teams };
  } finally {
    await writer.stop();
  }
}

/** Keeps a server from tidying up on its own while something is measured. */
export async function keepStill(serverUrl: string): Promise<void> {
  await query(serverUrl, "alter system set autovacuum = off");
  await query(serverUrl, "select pg_reload_conf()");
}

/** Makes a server write down now what it would write down later. */
export async function settleDown(serverUrl: string): Promise<void> {
  await query(serverUrl, "checkpoint");
}

async function createDatabase(serverUrl: string, name: string): Promise<string> {
  await query(serverUrl, `create database "${name}"`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function query(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
