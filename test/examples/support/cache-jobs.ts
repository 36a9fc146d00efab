import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync } from "node:fs";
import { request, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { startApp } from "../../../src/app.ts";
import { bootstrapKey } from "../../../src/commands/bootstrap-key.ts";
import {
  credential,
  createFleetgate,
  createCallerIdentifier,
} from "../../../src/client/node/index.ts";
import type { Fleetgate } from "../../../src/client/node/index.ts";
import { readServerOptions } from "../../../src/server/options.ts";
import { atEnd, makeFolder } from "../../e2e/support/cleanup.ts";
import { importPackageFromSource } from "../../support/package-source.ts";

const yaml = `
projects:
  - name: app
    realms:
      - name: ci
        bindings:
          - { role: role/fleetgate.executionHost, principals: ["service:host"] }
          - { role: role/fleetgate.relyingService, principals: ["service:cache", "task:forger"] }
      - name: release
        bindings:
          - { role: role/fleetgate.executionHost, principals: ["service:host"] }
          - { role: role/fleetgate.relyingService, principals: ["service:cache"] }
          - { role: role/swarming.taskViewer, principals: ["task:reader"] }
`;
const { Trust, TaskState } = credential;
const main = "refs/heads/main";
/** What jobs save unless they say what. */
export const archive = Buffer.from("the archive ".repeat(10_000));

/** What the server answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What is otherwise about a job: it is trusted, of the default ref, in `app:ci`. */
export interface JobOptions {
  readonly realm?: string;
  readonly trust?: credential.Trust;
  readonly ref?: string;
  readonly dependencies?: string[];
  readonly permissions?: string[];
}

/** A job that is executed. */
export interface Job {
  readonly taskId: string;
  readonly token: string;
}

/** Opens one for the tests of a file. */
export async function openCacheServer() {
  const lines: string[] = [];
  const secrets: string[] = [];
  importPackageFromSource();
  const embedded = join(makeFolder(), "db");
  cpSync(process.env["FLEETGATE_TEST_EMBEDDED_TEMPLATE"] ?? "", embedded, { recursive: true });
  const flags = { embedded, listen: "127.0.0.1:0", metrics_listen: "off", log_level: "silent" };
  const app = await startApp(
    readServerOptions({ env: {}, flags: { ...flags, shutdown_grace: "1s" } }),
  );
  atEnd(() => app.stop());
  const asked = { description: "", ttlSeconds: undefined, noExpiry: false };
  const { token } = await bootstrapKey(app.commands, {
    ...{ identity: "user:root@example.com", breakGlass: false, reason: "", ...asked },
  });
  await app.replica.refresh();
  const as = (key: string): Fleetgate => {
    const client = createFleetgate({ endpoints: [app.url], key: () => key, deadlineMs: 30_000 });
    atEnd(client.close);
    return client;
  };
  const admin = as(token);
  await admin.config.apply({
    source: "main",
    files: [{ path: "f.yaml", content: { case: "text", value: yaml } }],
  });
  const keyOf = async (identity: string): Promise<string> =>
    (await admin.apiKeys.create({ identity })).token;
  const host = as(await keyOf("service:host"));
  const cache = as(await keyOf("service:cache"));
  const identifier = createCallerIdentifier(cache, {
    audience: "cache",
    onWarning: () => undefined,
  });
  atEnd(identifier.close);
  const folder = makeFolder();

  async function serve(options: {
    readonly surviveTask?: boolean;
    readonly maxArchiveBytes?: number;
  }): Promise<string> {
    const { createCacheServer } = await import("../../../examples/cache-server/server.ts");
    const log = (line: string): number => lines.push(line);
    const server: Server = createCacheServer(
      { fleetgate: cache, self: "service:cache", identifier },
      {
        folder,
        log,
        ...options,
      },
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    atEnd(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const origin = await serve({});

  async function begin(taskId: string, more: JobOptions): Promise<Job> {
    const { token } = await host.tasks.registerTask({
      ...{ taskId, realm: "app:ci", holdId: crypto.randomUUID(), timeLimit: { seconds: 600n } },
      ...{ trust: Trust.TRUSTED, ref: main, defaultRef: main, ...more },
    });
    secrets.push(token);
    return { taskId, token };
  }

  const end = (job: Job): Promise<unknown> =>
    host.tasks.endTask({ taskId: job.taskId, state: TaskState.SUCCEEDED });

  const cancel = (job: Job): Promise<unknown> =>
    host.tasks.setTaskState({ taskId: job.taskId, state: TaskState.CANCELING });

  async function call(
    method: string,
    path: string,
    {
      token,
      body,
      at = origin,
    }: {
      readonly token?: string;
      readonly body?: string | Buffer<ArrayBuffer>;
      readonly at?: string;
    } = {},
  ): Promise<Answer> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(at + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const grant = /grant=([^"&]+)/.exec(await response.clone().text())?.[1];
    if (grant !== undefined) secrets.push(grant);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  const find = (job: Job, key: string, at = origin): Promise<Answer> =>
    call("GET", `/entries?key=${key}&version=1`, { token: job.token, at });
  const archiveOf = ({ text }: Answer): string => (JSON.parse(text) as { archive: string }).archive;

  async function reserve(
    job: Job,
    key: string,
    more: object = {},
    at = origin,
  ): Promise<{ readonly id: string; readonly upload: string }> {
    const body = JSON.stringify({ key, version: "1", ...more });
    const answer = await call("POST", "/entries", { token: job.token, body, at });
    assert.equal(answer.status, 201, answer.text);
    return JSON.parse(answer.text) as { id: string; upload: string };
  }
  const commit = (job: Job, id: string, size = archive.length): Promise<Answer> =>
    call("POST", `/entries/${id}/commit`, { token: job.token, body: JSON.stringify({ size }) });
  /** Begins to commit: the server has the head of the request, and gets the body by `finish`, which tells the status. */
  async function startCommit(
    job: Job,
    id: string,
  ): Promise<{ readonly finish: () => Promise<number> }> {
    const sent = request(`${origin}/entries/${id}/commit`, {
      method: "POST",
      headers: { authorization: `Bearer ${job.token}`, expect: "100-continue" },
    });
    sent.flushHeaders();
    await once(sent, "continue");
    // Whatever the server asks by the head alone it has asked before this.
    assert.equal((await commit(job, crypto.randomUUID())).status, 404);
    return {
      finish: async () => {
        sent.end(JSON.stringify({ size: archive.length }));
        const [response] = (await once(sent, "response")) as [IncomingMessage];
        response.resume();
        return response.statusCode ?? 0;
      },
    };
  }
  async function save(job: Job, key: string, more: object = {}, bytes = archive): Promise<string> {
    const { id, upload } = await reserve(job, key, more);
    assert.equal((await call("PUT", upload, { body: bytes })).status, 204);
    assert.equal((await commit(job, id, bytes.length)).status, 200);
    return id;
  }
  /** What a job is to Fleetgate: its token is the key. */
  const peer = ({ token }: Job): Fleetgate => as(token);
  return {
    peer,
    lines,
    secrets,
    serve,
    begin,
    cancel,
    end,
    call,
    find,
    archiveOf,
    reserve,
    commit,
    startCommit,
    save,
  };
}

/** A cache server beside a Fleetgate of its own, and jobs that use it. */
export type CacheWorld = Awaited<ReturnType<typeof openCacheServer>>;
