import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startApp, type App } from "../src/app.ts";
import { hashSecret, isLive } from "../src/commands/api-key.ts";
import { applyConfig } from "../src/commands/apply-config.ts";
import { isTestFile } from "../src/config/policy-tests/test-file-name.ts";
import { bootstrapKey } from "../src/commands/bootstrap-key.ts";
import { parseBearerToken } from "../src/domain/bearer-token.ts";
import type { Identity } from "../src/domain/identity.ts";
import { defaultSource } from "../src/domain/names.ts";
import { OptionsError } from "../src/server/options-error.ts";
import { readServerOptions } from "../src/server/options.ts";
import { ListenError } from "../src/server/listen.ts";
import { EmbeddedLockedError } from "../src/storage/database.ts";
import { SchemaError } from "../src/storage/schema-status.ts";

// What `npm start` runs: a server on an embedded database, with an example fleet, a key to ask with, and
// commands to paste. Everything it makes lies in one folder, which git and npm ignore.

const help = `Usage: npm start -- [--listen HOST:PORT] [--metrics-listen HOST:PORT|off] [--data DIR]

Starts Fleetgate on an embedded database, loads the example fleet of examples/config if the database
is empty, and prints commands to try. Stop it with Ctrl-C.

Examples:
  npm start
  npm start -- --listen 127.0.0.1:9000 --metrics-listen off`;

const admin = "user:admin@example.com" as Identity;
const keyHours = 24;
const examples = join(import.meta.dirname, "..", "examples", "config");

interface Flags {
  readonly listen?: string | undefined;
  readonly "metrics-listen"?: string | undefined;
  readonly data: string;
}

const flags = readFlags();
if (flags !== undefined) {
  try {
    await main(flags);
  } catch (error) {
    if (!isExplained(error)) throw error;
    console.error(error.message);
    process.exitCode = 4;
  }
}

/** The flags; undefined when there is nothing to start. */
function readFlags(): Flags | undefined {
  try {
    const { values } = parseArgs({
      options: {
        listen: { type: "string" },
        "metrics-listen": { type: "string" },
        data: { type: "string", default: ".fleetgate" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (!values.help) return values;
    console.log(help);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    process.exitCode = 2;
  }
  return undefined;
}

/** Whether the message of an error says what to do, so that a stack would only hide it. */
function isExplained(error: unknown): error is Error {
  const classes = [OptionsError, EmbeddedLockedError, ListenError, SchemaError];
  return classes.some((type) => error instanceof type);
}

async function main(flags: Flags): Promise<void> {
  const folder = flags.data;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const app = await startApp(serverOptions(flags));
  const stopped = new AbortController();
  const stop = (): void => {
    stopped.abort();
    void app.stop();
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    const headerFile = join(folder, "admin.header");
    // First of all, since the example fleet names the group of administrators that this makes.
    const expiresAt = await ensureKey(app, headerFile);
    const loaded = await loadExamples(app);
    console.log(page(app, folder, headerFile, loaded, expiresAt));
  } catch (error) {
    // Whoever stops it half-way wants no stack: the next start goes on from there.
    if (!stopped.signal.aborted) throw error;
  }
}

function serverOptions(flags: Flags): ReturnType<typeof readServerOptions> {
  const { listen, "metrics-listen": metricsListen, data: folder } = flags;
  return readServerOptions({
    env: {},
    flags: {
      embedded: join(folder, "db"),
      log_level: "warn",
      listen,
      metrics_listen: metricsListen,
    },
  });
}

/** Applies the example fleet to a database that holds no configuration at all. */
async function loadExamples(app: App): Promise<boolean> {
  const state = app.replica.current();
  if (state === undefined || state.sources.size > 0) return false;
  const names = (await readdir(examples))
    .filter((name) => name.endsWith(".yaml") && !isTestFile(name))
    .sort();
  const files = await Promise.all(
    names.map(async (name) => ({
      path: `examples/config/${name}`,
      text: await readFile(join(examples, name), "utf8"),
    })),
  );
  await applyConfig(app.commands, admin, {
    source: defaultSource,
    files,
    etag: "",
    validateOnly: false,
    requestId: randomUUID(),
    reason: "the example fleet of the quick start",
  });
  return true;
}

/** Leaves a header file with a key that lives for a while yet, and says until when. */
async function ensureKey(app: App, headerFile: string): Promise<string> {
  const known = await readKey(app, headerFile);
  if (known !== undefined) return known;
  const { token, apiKey } = await bootstrapKey(app.commands, {
    identity: admin,
    description: "quick start",
    ttlSeconds: keyHours * 3600,
    noExpiry: false,
    breakGlass: true,
    reason: "a key for the header file of the quick start",
  });
  await app.replica.refresh();
  const fresh = `${headerFile}.${process.pid}`;
  await writeFile(fresh, `Authorization: Bearer ${token}\n`, { mode: 0o600, flag: "wx" });
  await rename(fresh, headerFile);
  return apiKey.expiresAt ?? "";
}

/** When the key in the header file ends, or undefined when it proves nothing, or not for another hour. */
async function readKey(app: App, headerFile: string): Promise<string | undefined> {
  const text = await readFile(headerFile, "utf8").catch(() => "");
  const token = parseBearerToken(/^Authorization: Bearer (\S+)$/m.exec(text)?.[1] ?? "");
  const key = token && app.replica.current()?.apiKeys.get(token.id);
  if (token === undefined || key === undefined) return undefined;
  const inAnHour = new Date(Date.now() + 3_600_000);
  if (key.secretHash !== hashSecret(token.secret).toString("hex")) return undefined;
  return isLive(key, inAnHour) ? (key.expiresAt ?? "never") : undefined;
}

function page(
  app: App,
  folder: string,
  headerFile: string,
  loaded: boolean,
  expiresAt: string,
): string {
  const curl = (method: string, body: object): string =>
    `  npx buf curl --http2-prior-knowledge -H ${shellWord(`@${headerFile}`)} \\\n` +
    `    -d '${JSON.stringify(body)}' \\\n` +
    `    ${app.url}/fleetgate.acl.v1.AclService/${method}`;
  return `
Fleetgate is ready.
  address   ${app.url} (gRPC, gRPC-Web, Connect)
  metrics   ${app.metricsUrl ?? "off"}
  database  embedded, in ${join(folder, "db")}${loaded ? "; the example fleet of examples/config was loaded" : ""}
  key       ${headerFile}, of ${admin} in the group administrators, until ${expiresAt}

You ask as ${admin}, here on behalf of others. In another terminal:

permitted: ann is a developer and may submit to the pool of the tests
${curl("CheckPoolPerm", { caller: "user:ann@example.com", permission: "swarming.pools.createTask", pool: "linux-tests" })}

denied: she may not submit to the pool that signs releases
${curl("CheckPoolPerm", { caller: "user:ann@example.com", permission: "swarming.pools.createTask", pool: "release-signing" })}

filter: the pools whose bots she may list
${curl("FilterPoolsByPerm", { caller: "user:ann@example.com", permission: "swarming.pools.listBots", pools: ["linux-tests", "release-signing", "mac-tests"] })}

the same by the command line
  npm run -s fleetgate -- check pool linux-tests --permission swarming.pools.createTask \\
    --caller user:ann@example.com --header-file ${shellWord(headerFile)} --endpoint ${app.url}

Stop with Ctrl-C.`;
}

/** A word as a POSIX shell reads it, in quotes when it needs them. */
function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
