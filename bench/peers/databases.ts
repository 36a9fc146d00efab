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

async function createDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`create database "${name}"`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
