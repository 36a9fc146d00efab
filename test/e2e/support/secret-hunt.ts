import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { formatBearerToken, parseBearerToken } from "../../../src/domain/bearer-token.ts";
import { createPostgresDatabase } from "../../support/database.ts";
import { atEnd, makeFolder } from "./cleanup.ts";
import { fleetgate, start } from "./processes.ts";
import { cliFile } from "../../support/cli-file.ts";

const fleet = `
projects:
  - name: app
    realms:
      - name: ci
        bindings:
          - role: role/fleetgate.provisioner
            principals: ["service:provisioner"]
          - role: role/fleetgate.runnerManager
            principals: ["service:provisioner"]
          - role: role/fleetgate.executionHost
            principals: ["service:host"]
          - role: role/fleetgate.relyingService
            principals: ["service:cache"]
          - role: role/fleetgate.relyingService
            principals: ["task:t1"]
          - role: role/fleetgate.credentialAdmin
            principals: ["service:cache"]
`;
/** The realm of all that is done. */
export const realm = "app:ci";
const json = { "content-type": "application/json", "connect-protocol-version": "1" };

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A method of the services of credentials. */
export const inArea = (method: string): string => `fleetgate.credential.v1.${method}`;

/** A token of the same id with another secret. */
export function wrong(token: string): string {
  const bearer = parseBearerToken(token) ?? assert.fail();
  return formatBearerToken({ ...bearer, secret: randomBytes(32).toString("base64url") });
}

/** A server in a process of its own, with keys for those who call it; all that becomes of it is looked at by `find`. */
export type SecretHunt = Awaited<ReturnType<typeof openSecretHunt>>;

/** Starts such a server. */
export async function openSecretHunt() {
  /** Secrets by what they are, and what might betray them. */
  const secrets = new Map<string, string>();
  /** All that anybody but the owner of a secret gets to see. */
  const seen: [where: string, text: string][] = [];
  const keys: Record<string, string> = {};
  let url = "";

  const database = await createPostgresDatabase();
  atEnd(database.remove);
  const databaseUrl = database.choice.url;
  const folder = makeFolder();

  /** Remembers a secret and returns it. */
  function secret(name: string, value: unknown): string {
    assert.ok(typeof value === "string" && value.length >= 20, `${name}: ${String(value)}`);
    secrets.set(name, value);
    return value;
  }

  /** Calls by Connect's JSON. What comes back is seen by others, unless it is told to hold a secret. */
  async function call(
    method: string,
    message: object | string,
    bearer: string | undefined,
    options: {
      readonly secret?: boolean;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Reply> {
    const { secret: isSecret = false, headers } = options;
    const response = await fetch(`${url}/${method}`, {
      method: "POST",
      headers: { ...json, ...(bearer && { authorization: `Bearer ${bearer}` }), ...headers },
      body: typeof message === "string" ? message : JSON.stringify(message),
    });
    const text = await response.text();
    const all = `${[...response.headers].map(([k, v]) => `${k}: ${v}`).join("\n")}\n${text}`;
    if (!isSecret || response.status !== 200) seen.push([`answer of ${method}`, all]);
    let body: Reply["body"] = {};
    try {
      body = JSON.parse(text) as Reply["body"];
    } catch {
      // Not every answer is JSON.
    }
    return { status: response.status, text, body };
  }

  async function ok(...[method, ...rest]: Parameters<typeof call>): Promise<Reply["body"]> {
    const reply = await call(inArea(method), ...rest);
    assert.equal(reply.status, 200, `${method}: ${reply.text}`);
    return reply.body;
  }

  async function fails(...[method, ...rest]: Parameters<typeof call>): Promise<void> {
    const reply = await call(inArea(method), ...rest);
    assert.notEqual(reply.status, 200, method);
  }

  /** Puts a new key where the process looks for keys. */
  function writeKey(purpose: string, id: string): void {
    const material = secret(`key ${purpose}/${id}`, randomBytes(32).toString("base64"));
    const file = join(folder, "keys", `${purpose}-${id}.key`);
    writeFileSync(file, `${material}\n`, { mode: 0o600 });
  }

  const header = join(folder, "admin.header");
  const env = { DATABASE_URL: databaseUrl };
  const identity = ["--identity", "user:root@example.com"];
  const made = await fleetgate(["key", "create", "--bootstrap", ...identity, "--out", header], env);
  assert.equal(made.code, 0, made.stderr);
  seen.push(["bootstrap", made.stdout + made.stderr]);
  keys["admin"] = secret("API key", /Bearer (\S+)/.exec(readFileSync(header, "utf8"))?.[1]);
  const keyFolder = join(folder, "keys");
  mkdirSync(keyFolder, { mode: 0o700 });
  for (const purpose of ["url", "assertion", "lookup"]) writeKey(purpose, "k1");
  const running = start(
    process.execPath,
    [
      ...[cliFile, "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"],
      ...["--log-level", "debug", "--log-calls", "true", "--signing-keys-dir", keyFolder],
      ...["--snapshot-file", join(folder, "snapshot")],
    ],
    env,
  );
  const said = await running.says(/listens on (http\S+)\nmetrics are on (http\S+)\n/);
  const [, found = "", metricsUrl = ""] = said;
  url = found;
  const files = [{ path: "fleet.yaml", text: fleet }];
  const applied = await call("fleetgate.admin.v1.ConfigService/Apply", { files }, keys["admin"]);
  assert.equal(applied.status, 200, applied.text);
  for (const name of ["provisioner", "host", "cache"]) {
    const created = await call(
      "fleetgate.admin.v1.ApiKeyService/Create",
      { identity: `service:${name}` },
      keys["admin"],
      { secret: true },
    );
    keys[name] = secret(`API key of ${name}`, created.body["token"]);
  }
  return {
    ...{ secret, call, ok, fails, writeKey, keys, secrets, seen, running, databaseUrl, folder },
    ...{ url, metricsUrl },
    /** Where any of the secrets is, in which form. */
    find: (): readonly string[] => {
      const found: string[] = [];
      for (const [name, value] of secrets) {
        for (const [form, needle] of formsOf(value)) {
          for (const [where, text] of seen) {
            if (text.includes(needle)) found.push(`${name} (${form}) in ${where}`);
          }
        }
      }
      return found;
    },
  };
}

/** A secret as it might be written: itself, its secret part, and its bytes. */
function formsOf(value: string): readonly (readonly [form: string, needle: string])[] {
  const forms: (readonly [string, string])[] = [["text", value]];
  const core = parseBearerToken(value)?.secret ?? value;
  if (core !== value) forms.push(["secret part", core]);
  // A part of it is too much as well.
  forms.push(["half", core.slice(0, Math.max(20, core.length >> 1))]);
  for (const bytes of [Buffer.from(core, "utf8"), Buffer.from(core, "base64url")]) {
    forms.push(["hex", bytes.toString("hex")], ["base64", bytes.toString("base64").slice(0, -4)]);
  }
  return forms.filter(([, needle]) => needle.length >= 16);
}

/** Every row of every table, as text. */
export async function dump(
  databaseUrl: string,
): Promise<readonly (readonly [table: string, rows: string])[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    );
    assert.ok(tables.length > 30);
    const dumped: [string, string][] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(
        `select row_to_json(t)::text as row from "${name}" as t`,
      );
      dumped.push([name, rows.map(({ row }) => row).join("\n")]);
    }
    return dumped;
  } finally {
    await client.end();
  }
}
