import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { Client } from "pg";
import { formatBearerToken, parseBearerToken } from "../../src/domain/bearer-token.ts";
import { auditEvents } from "../../src/storage/credential/audit.ts";
import { createPostgresDatabase } from "../support/database.ts";
import { atEnd, makeFolder } from "./support/cleanup.ts";
import { eventually } from "./support/eventually.ts";
import { fleetgate, start, type Running } from "./support/processes.ts";

// A whole life of bots, tasks, URLs and keys in a process of its own, with all that can go wrong on the way; then every secret of it is
// looked for in everything that the process has written, answered to others, and stored.

const fleet = `
projects:
  - name: app
    realms:
      - name: ci
        bindings:
          - role: role/fleetgate.provisioner
            principals: ["service:provisioner"]
          - role: role/fleetgate.executionHost
            principals: ["service:host"]
          - role: role/fleetgate.relyingService
            principals: ["service:cache"]
          - role: role/fleetgate.credentialAdmin
            principals: ["service:cache"]
`;
const realm = "app:ci";
const json = { "content-type": "application/json", "connect-protocol-version": "1" };

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What happens in no run of this kind, or is not done here. */
const notDone = [
  ...["requeued", "fetch_returned", "session_closed", "hold_added", "released", "lease_expired"],
  ...["task_state", "timed_out", "swept"],
];

/** Secrets by what they are, and what might betray them. */
const secrets = new Map<string, string>();
/** All that anybody but the owner of a secret gets to see. */
const seen: [where: string, text: string][] = [];

let url: string;
let metricsUrl: string;
let running: Running;
let databaseUrl: string;
let folder: string;
const keys: Record<string, string> = {};

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
  options: { readonly secret?: boolean; readonly headers?: Readonly<Record<string, string>> } = {},
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

const inArea = (method: string): string => `fleetgate.credential.v1.${method}`;

async function ok(...[method, ...rest]: Parameters<typeof call>): Promise<Reply["body"]> {
  const reply = await call(inArea(method), ...rest);
  assert.equal(reply.status, 200, `${method}: ${reply.text}`);
  return reply.body;
}

async function fails(...[method, ...rest]: Parameters<typeof call>): Promise<void> {
  const reply = await call(inArea(method), ...rest);
  assert.notEqual(reply.status, 200, method);
}

/** A token of the same id with another secret. */
function wrong(token: string): string {
  const bearer = parseBearerToken(token) ?? assert.fail();
  return formatBearerToken({ ...bearer, secret: randomBytes(32).toString("base64url") });
}

/** Puts a new key where the process looks for keys. */
function writeKey(purpose: string, id: string): void {
  const material = secret(`key ${purpose}/${id}`, randomBytes(32).toString("base64"));
  const file = join(folder, "keys", `${purpose}-${id}.key`);
  writeFileSync(file, `${material}\n`, { mode: 0o600 });
}

before(async () => {
  const database = await createPostgresDatabase();
  atEnd(database.remove);
  databaseUrl = database.choice.url;
  folder = makeFolder();
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
  running = start(
    process.execPath,
    [
      ...["src/cli/main.ts", "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"],
      ...["--log-level", "debug", "--log-calls", "true", "--signing-keys-dir", keyFolder],
      ...["--snapshot-file", join(folder, "snapshot")],
    ],
    env,
  );
  const said = await running.says(/listens on (http\S+)\nmetrics are on (http\S+)\n/);
  [, url = "", metricsUrl = ""] = said;
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
});

describe("secrets of credentials (U11)", () => {
  it("are made, used, shown, misused and ended", async () => {
    const { provisioner, host, cache, admin } = keys;
    const hidden = { secret: true };

    // A bot: boot token, one-time secret, session, takeover.
    const botId = "one";
    const reference = "vault/registration";
    const oneTimeReferences = { reg: reference };
    await ok("BotService/CreateBot", { botId, realm, oneTimeReferences }, provisioner);
    for (const state of ["CREATING", "RUNNING"]) {
      const instanceState = `INSTANCE_STATE_${state}`;
      await ok("BotService/SetBotState", { botId, instanceState }, provisioner);
    }
    const issued = await ok(
      "BotService/IssueBootToken",
      { botId, generation: 1 },
      provisioner,
      hidden,
    );
    const boot = secret("boot token", issued["token"]);
    await ok("BotService/FetchOnce", { name: "reg", token: boot }, provisioner);
    await fails("BotService/FetchOnce", { name: "reg", token: boot }, provisioner);
    await fails("BotService/FetchOnce", { name: "reg", token: wrong(boot) }, provisioner);
    await ok("BotService/GetBot", {}, boot);
    const opened = await ok("SessionService/OpenSession", {}, boot, hidden);
    const { token, resumeToken } = opened["session"] as Record<string, unknown>;
    const session = secret("session", token);
    const resume = secret("resume token", resumeToken);
    const nonce = secret("nonce", randomBytes(16).toString("base64url"));
    const taken = await ok("SessionService/TakeOverSession", { nonce }, resume, hidden);
    const next = taken["session"] as Record<string, unknown>;
    const session2 = secret("session after takeover", next["token"]);
    const resume2 = secret("resume token after takeover", next["resumeToken"]);
    await fails("BotService/GetBot", {}, session);
    await fails("BotService/GetBot", {}, resume2);
    const stranger = secret("nonce of another", randomBytes(16).toString("base64url"));
    await fails("SessionService/TakeOverSession", { nonce: stranger }, resume);
    await fails("BotService/GetBot", {}, session2);

    // A task with a token of ours, one with a token of a forge.
    const task = {
      ...{ taskId: "t1", realm, holdId: randomUUID(), timeLimit: "600s", trust: "TRUST_TRUSTED" },
      permissions: ["fleetgate.urls.sign"],
    };
    const registered = await ok("TaskService/RegisterTask", task, host, hidden);
    const taskToken = secret("task token", registered["token"]);
    await ok("TaskService/GetTask", {}, taskToken);
    const forged = secret("token of a forge", randomBytes(32).toString("base64url"));
    const other = { ...task, taskId: "t2", holdId: randomUUID(), token: forged };
    await ok("TaskService/RegisterTask", other, host);
    await fails("TaskService/RegisterTask", { ...other, realm: "app:none" }, host);
    const twice = { ...other, taskId: "t3", holdId: randomUUID() };
    await fails("TaskService/RegisterTask", twice, host);
    await fails("TaskService/RegisterTask", { ...other, token: `${forged}\n` }, host);
    await fails("TaskService/RegisterTask", { ...other, token: taskToken }, host);

    // Who is it, and a URL for it.
    const audience = "cache";
    const show = (shown: string) => ({ token: shown, audience });
    for (const shown of [taskToken, forged]) {
      const who = await ok("CallerService/IdentifyCaller", show(shown), cache, hidden);
      const assertion = secret(`assertion for ${shown === forged ? "t2" : "t1"}`, who["assertion"]);
      secret("its signature", assertion.split(".")[2]);
      assert.ok(!JSON.stringify({ ...who, assertion: "" }).includes(shown));
      const wanted = {
        purpose: "archive",
        method: "GET",
        resource: "1",
        callerAssertion: assertion,
      };
      const { grant } = await ok("UrlService/SignUrl", wanted, cache, hidden);
      const signed = secret(`grant for ${shown === forged ? "t2" : "t1"}`, grant);
      secret("its MAC", signed.split(".").at(-1));
      const { purpose, method, resource } = wanted;
      await ok("UrlService/VerifyUrl", { grant: signed, purpose, method, resource }, cache);
      await fails(
        "UrlService/VerifyUrl",
        { grant: signed, purpose, method: "PUT", resource },
        cache,
      );
      await fails("UrlService/SignUrl", { ...wanted, callerAssertion: `${assertion}x` }, cache);
      await fails("UrlService/SignUrl", { ...wanted, callerAssertion: assertion }, host);
      const check = { permission: "swarming.pools.listBots", pool: "p", caller: "task:t1" };
      const acl = "fleetgate.acl.v1.AclService/CheckPoolPerm";
      await call(acl, { ...check, callerAssertion: assertion }, cache);
      await call(acl, { ...check, callerAssertion: assertion, caller: assertion }, cache);
    }
    for (const shown of [
      wrong(taskToken),
      wrong(boot),
      session,
      `${forged}x`,
      `Bearer ${taskToken}`,
    ]) {
      await fails("CallerService/IdentifyCaller", show(shown), cache);
    }
    const requests = [show(taskToken), show(forged), show(wrong(taskToken))];
    await ok("CallerService/BatchIdentifyCallers", { requests }, cache, hidden);

    // Tokens where none belong, and requests that are none.
    const misplaced = [taskToken, boot, forged, resume2];
    for (const text of misplaced) {
      await fails("CredentialService/GetCredential", { credentialId: text }, cache);
      await fails("CredentialService/ListCredentials", { identity: text, pageToken: text }, cache);
      await fails("CredentialService/RevokeCredential", { credentialId: text }, cache);
      await fails("CredentialService/ListAuditEvents", { realm: text }, cache);
      await fails("BotService/FetchOnce", { name: "reg", token: text }, cache);
      await fails("CallerService/IdentifyCaller", `{"token":"${text}","audience":`, cache);
      await fails("CallerService/IdentifyCaller", `{"token":"${text}","token2":1}`, cache);
      await fails("CallerService/IdentifyCaller", { token: [text], audience }, cache);
      await fails("CallerService/IdentifyCaller", { token: text.repeat(9), audience }, cache);
      await fails("BotService/GetBot", {}, `${text} ${text}`);
      await fails("BotService/GetBot", {}, `${text}, Bearer ${text}`);
      await fails("BotService/GetBot", {}, undefined, {
        headers: { authorization: `Basic ${text}` },
      });
      await fails("BotService/GetBot", {}, undefined, { headers: { authorization: text } });
      const path = await fetch(`${url}/nothing/${text}?token=${text}`, {
        headers: { authorization: `Bearer ${text}` },
      });
      // The path is the asker's own, and only the log and the metrics must not have it.
      await path.text();
    }

    // The database fails in the middle.
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query("alter table credential_audit rename to gone");
    await fails("TaskService/RegisterTask", { ...task, taskId: "t4", holdId: randomUUID() }, host);
    await fails("TaskService/RegisterTask", { ...other, taskId: "t5", holdId: randomUUID() }, host);
    await fails("SessionService/OpenSession", {}, boot);
    await client.query("alter table gone rename to credential_audit");
    await client.query(
      "alter table credential add constraint no_more check (kind <> 'task') not valid",
    );
    await fails("TaskService/RegisterTask", { ...task, taskId: "t6", holdId: randomUUID() }, host);
    await client.query("alter table credential drop constraint no_more");

    // What there is to read about it, and the end.
    await ok("CredentialService/ListCredentials", { identity: "bot:one", showEnded: true }, cache);
    await ok("CredentialService/ListCredentials", { identity: "task:t2" }, cache);
    await ok("CredentialService/RevokeCredential", { identity: "bot:one", reason: "test" }, cache);
    await ok("TaskService/EndTask", { taskId: "t1", state: "TASK_STATE_SUCCEEDED" }, host);
    await fails("CallerService/IdentifyCaller", show(taskToken), cache);
    const purpose = "KEY_PURPOSE_URL";
    await fails("KeyService/ActivateKey", { purpose, keyId: "k2" }, admin);
    writeKey("url", "k2");
    await ok("KeyService/ListKeys", {}, admin);
    // The directory is looked at now and then.
    await eventually("the key is active", async () => {
      const { status } = await call(
        inArea("KeyService/ActivateKey"),
        { purpose, keyId: "k2" },
        admin,
      );
      return status === 200 || undefined;
    });
    await ok("KeyService/RetireKey", { purpose, keyId: "k1" }, admin);
    writeFileSync(join(folder, "keys", "url-k3.key"), `${keys["host"] ?? ""}\n`, { mode: 0o600 });
    await ok("BotService/ListBots", { realm }, provisioner);
    await ok("BotService/DeleteBot", { botId }, provisioner);
    await client.end();
  });

  it("are in nothing that others see, and in the database as hashes only", async () => {
    seen.push(["metrics", await (await fetch(metricsUrl)).text()]);
    const audit = await ok("CredentialService/ListAuditEvents", { pageSize: 1000 }, keys["admin"]);
    assert.ok(Array.isArray(audit["events"]) && audit["events"].length > 10);
    running.signal("SIGTERM");
    const { code } = await running.end();
    assert.equal(code, 0);
    // At the end: what was counted is written then.
    for (const [table, rows] of await dump()) seen.push([`table ${table}`, rows]);
    seen.push(["log", running.output()]);
    seen.push(["snapshot file", readFileSync(join(folder, "snapshot"), "latin1")]);
    const texts = new Map(seen.map(([where, text]) => [where, text]));
    assert.match(texts.get("log") ?? "", /SessionService\/TakeOverSession/);
    assert.match(
      texts.get("metrics") ?? "",
      /fleetgate_auth_decisions_total\{kind="task",code="ok"/,
    );
    const told = new Set(
      [...(texts.get("table credential_audit") ?? "").matchAll(/"event":"([a-z_]+)"/g)].map(
        ([, event]) => event,
      ),
    );
    // All that was done above (U71).
    assert.deepEqual(
      auditEvents.filter((event) => !told.has(event)),
      notDone,
    );
    assert.match(texts.get("table credential") ?? "", /"secret_hash":"\\\\x[0-9a-f]{64}"/);
    assert.ok(secrets.size >= 20, `${secrets.size} secrets`);
    const found: string[] = [];
    for (const [name, value] of secrets) {
      for (const [form, needle] of formsOf(value)) {
        for (const [where, text] of seen) {
          if (text.includes(needle)) found.push(`${name} (${form}) in ${where}`);
        }
      }
    }
    assert.deepEqual(found, []);
  });
});

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
async function dump(): Promise<readonly (readonly [table: string, rows: string])[]> {
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
