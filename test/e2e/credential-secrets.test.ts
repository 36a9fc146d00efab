import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { Client } from "pg";
import { auditEvents } from "../../src/storage/credential/audit.ts";
import { eventually } from "./support/eventually.ts";
import { huntClaims } from "./support/hunted-claims.ts";
import { huntGates, huntRunners } from "./support/hunted-runners.ts";
import {
  dump,
  inArea,
  openSecretHunt,
  realm,
  wrong,
  type SecretHunt,
} from "./support/secret-hunt.ts";

// A whole life of bots, tasks, URLs, keys, claims and runners in a process of its own, with all that can go wrong on the way; then every secret of it is
// looked for in everything that the process has written, answered to others, and stored.

/** What takes time to happen by itself. */
const notDone = ["lease_expired", "timed_out", "swept"];

let hunt: SecretHunt;
before(async () => {
  hunt = await openSecretHunt();
});

describe("secrets of credentials (U11)", () => {
  it("are made, used, shown, misused and ended", async () => {
    const { secret, call, ok, fails, writeKey, keys, url, databaseUrl, folder } = hunt;
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
    const { fetchId } = await ok("BotService/FetchOnce", { name: "reg", token: boot }, provisioner);
    await ok("BotService/ReturnFetch", { fetchId }, provisioner);
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
    const held = { taskId: "t1", holdId: randomUUID() };
    const again = await ok("TaskService/RegisterTask", { ...task, ...held }, host, hidden);
    const taskToken2 = secret("task token of another hold", again["token"]);
    const repeated = await ok("TaskService/RegisterTask", { ...task, ...held }, host, hidden);
    secret("task token of the same hold", repeated["token"]);
    await fails("TaskService/GetTask", {}, taskToken2);
    await ok("TaskService/RenewHolds", { holds: [held] }, host);
    await ok("TaskService/ReleaseHold", held, host);
    await ok("TaskService/ReleaseHold", { ...held, holdId: randomUUID() }, host);
    const itself = { purpose: "archive", method: "GET", resource: "own" };
    const own = await ok("UrlService/SignUrl", itself, taskToken, hidden);
    const ownGrant = secret("grant that a task signed", own["grant"]);
    await ok("UrlService/VerifyUrl", { ...itself, grant: ownGrant }, cache);
    await fails("UrlService/VerifyUrl", { ...itself, grant: ownGrant }, host);
    await fails("UrlService/VerifyUrl", { ...itself, grant: `${ownGrant}x` }, cache);
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
      secret(`signature for ${shown === forged ? "t2" : "t1"}`, assertion.split(".")[2]);
      assert.ok(!JSON.stringify({ ...who, assertion: "" }).includes(shown));
      const wanted = {
        purpose: "archive",
        method: "GET",
        resource: "1",
        callerAssertion: assertion,
      };
      const { grant } = await ok("UrlService/SignUrl", wanted, cache, hidden);
      const signed = secret(`grant for ${shown === forged ? "t2" : "t1"}`, grant);
      secret(`MAC for ${shown === forged ? "t2" : "t1"}`, signed.split(".").at(-1));
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
    await ok("TaskService/SetTaskState", { taskId: "t2", state: "TASK_STATE_CANCELING" }, host);
    await fails("TaskService/GetTask", {}, `${forged}x`);

    // Another attempt of the bot, and a session that it closes itself.
    const states = (state: string) => ({ botId, instanceState: `INSTANCE_STATE_${state}` });
    await ok("BotService/SetBotState", states("ERROR"), provisioner);
    await ok("BotService/RequeueBot", { botId, expectedGeneration: 1 }, provisioner);
    for (const state of ["CREATING", "RUNNING"]) {
      await ok("BotService/SetBotState", states(state), provisioner);
    }
    const second = { botId, generation: 2 };
    const reissued = await ok("BotService/IssueBootToken", second, provisioner, hidden);
    const boot2 = secret("boot token of the next attempt", reissued["token"]);
    await fails("BotService/GetBot", {}, boot);
    const reopened = await ok("SessionService/OpenSession", {}, boot2, hidden);
    const last = reopened["session"] as Record<string, unknown>;
    const session3 = secret("session of the next attempt", last["token"]);
    secret("resume token of the next attempt", last["resumeToken"]);
    await ok("SessionService/CloseSession", {}, session3);
    await fails("BotService/GetBot", {}, session3);
    await ok("BotService/ListBots", { realm }, provisioner);
    await ok("BotService/DeleteBot", { botId }, provisioner);
    await client.end();
  });

  it("of claims and runners are so too, also in front of closed gates", async () => {
    const client = new Client({ connectionString: hunt.databaseUrl });
    await client.connect();
    const broken = async (
      [before, after]: readonly [string, string],
      during: () => Promise<void>,
    ): Promise<void> => {
      await client.query(before);
      await during();
      await client.query(after);
    };
    const claim = await huntClaims(hunt, broken);
    const machine = await huntRunners(hunt, broken);
    const lapse = async (): Promise<void> => {
      await client.query("update gate set lease_until = clock_timestamp()");
    };
    await huntGates(hunt, { claim, machine, lapse });
    await client.end();
  });

  it("are in nothing that others see, and in the database as hashes only", async () => {
    const { ok, seen, secrets, keys, running, metricsUrl, databaseUrl, folder } = hunt;
    seen.push(["metrics", await (await fetch(metricsUrl)).text()]);
    const audit = await ok("CredentialService/ListAuditEvents", { pageSize: 1000 }, keys["admin"]);
    assert.ok(Array.isArray(audit["events"]) && audit["events"].length > 10);
    running.signal("SIGTERM");
    const { code } = await running.end();
    assert.equal(code, 0);
    // At the end: what was counted is written then.
    for (const [table, rows] of await dump(databaseUrl)) seen.push([`table ${table}`, rows]);
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
    assert.ok(secrets.size >= 60, `${secrets.size} secrets`);
    assert.deepEqual(hunt.find(), []);
  });
});
