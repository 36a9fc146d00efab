import { chmodSync, chownSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, type QueryResult } from "pg";
import { makeFolder } from "../e2e/support/cleanup.ts";

/** Runs statements one after the other; the result of the last one. */
export async function query(url: string, ...texts: readonly string[]): Promise<QueryResult> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    let last: QueryResult | undefined;
    for (const text of texts) last = await client.query(text);
    if (last === undefined) throw new Error("no statement");
    return last;
  } finally {
    await client.end();
  }
}

/** The same URL with another database, user or password. */
export function withUrl(
  url: string,
  change: { readonly database?: string; readonly user?: string; readonly password?: string },
): string {
  const changed = new URL(url);
  if (change.database !== undefined) changed.pathname = `/${change.database}`;
  if (change.user !== undefined) changed.username = change.user;
  if (change.password !== undefined) changed.password = change.password;
  return changed.href;
}

/** Makes a server of Postgres offer TLS with a certificate for 127.0.0.1. */
export async function offerTls(url: string, cert: string, key: string): Promise<void> {
  const folder = makeFolder();
  const { rows } = await query(url, "show data_directory");
  const { uid, gid } = statSync(String((rows as { data_directory: string }[])[0]?.data_directory));
  chmodSync(folder, 0o755);
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    if (process.getuid?.() === 0) chownSync(path, uid, gid);
    return path;
  };
  await query(
    url,
    `alter system set ssl_cert_file = '${write("server.crt", cert)}'`,
    `alter system set ssl_key_file = '${write("server.key", key)}'`,
    "alter system set ssl = on",
    "select pg_reload_conf()",
  );
}
