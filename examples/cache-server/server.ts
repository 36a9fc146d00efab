import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { CallerIdentifier, CallerQuestion, IdentifiedCaller } from "fleetgate/client/node";
import { readJson, requireText, storeBody } from "./bodies.ts";
import { openEntries, type Entries } from "./entries.ts";
import { notFound, Refusal, toRefusal, unauthorized } from "./refusal.ts";
import { download, sign, upload, verify, type UrlSigner } from "./urls.ts";

/** How the server works. */
export interface CacheServerOptions {
  /** Where archives are kept. It must exist. */
  readonly folder: string;
  /** The most bytes that an archive has; 1 GiB unless set. */
  readonly maxArchiveBytes?: number;
  /** Whether a download URL goes on after the end of the task that got it; false unless set. */
  readonly surviveTask?: boolean;
  /** Is told method and path of each request and the status; never a query or a header. */
  readonly log?: (line: string) => void;
}

/** What the server asks Fleetgate by. */
export interface ControlPlane extends UrlSigner {
  /** Of the audience of this server. */
  readonly identifier: CallerIdentifier;
}

/** Creates a cache server, not listening. Who may do what is decided by the token of the task and by nothing that it says. */
export function createCacheServer(control: ControlPlane, options: CacheServerOptions): Server {
  const entries = openEntries(options.folder);
  const server = createServer((request, response) => {
    void answer(control, options, entries, request, response);
  });
  server.requestTimeout = 10 * 60 * 1000;
  return server;
}

async function answer(
  control: ControlPlane,
  options: CacheServerOptions,
  entries: Entries,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = URL.parse(request.url ?? "/", "http://cache");
  try {
    if (url === null) throw notFound();
    await route(control, options, entries, request, response, url);
  } catch (error) {
    const { status, message, headers } = toRefusal(error);
    if (response.headersSent) response.destroy();
    else {
      // What is left of a body that is not wanted would be read as the next request.
      response.writeHead(status, { ...headers, connection: "close" });
      response.end(JSON.stringify({ error: message }));
    }
  }
  // The query may hold a grant.
  options.log?.(`${request.method ?? ""} ${url?.pathname ?? ""} ${response.statusCode}`);
}

async function route(
  control: ControlPlane,
  options: CacheServerOptions,
  entries: Entries,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const [, head, id = "", tail] = url.pathname.split("/");
  const called = `${request.method ?? ""} ${head}${tail === undefined ? "" : `/${tail}`}`;
  const isCollection = id === "" && url.pathname === "/entries";
  if (called === "GET entries" && isCollection) {
    return find(control, options, entries, request, response, url);
  }
  if (called === "POST entries" && isCollection) {
    return reserve(control, entries, request, response);
  }
  if (called === "POST entries/commit") return commit(control, entries, request, response, id);
  if (called === "PUT archives")
    return receive(control, options, entries, request, response, url, id);
  if (called === "GET archives") return send(control, entries, response, url, id);
  throw notFound();
}

/** Finds an archive in the places that the task may read; nothing anywhere else. */
async function find(
  control: ControlPlane,
  options: CacheServerOptions,
  entries: Entries,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const { caller, assertion } = await identify(control, request);
  const keys = url.searchParams.getAll("key").map((key) => requireText("key", key));
  const version = requireText("version", url.searchParams.get("version"));
  if (keys.length < 1 || keys.length > 10) throw new Refusal(400, "give 1 to 10 keys");
  const entry = entries.find(keys, version, caller.readScopes);
  if (entry === undefined) {
    response.writeHead(204).end();
    return;
  }
  const { key, size } = entry;
  const archive = await sign(control, entry, assertion, download, options.surviveTask === true);
  sendJson(response, 200, { key, size, archive });
}

/** Reserves an entry in the one place that the task may write. */
async function reserve(
  control: ControlPlane,
  entries: Entries,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A body may take its time: what is so is asked once it is here.
  const body = await readJson(request);
  const { caller, assertion } = await identify(control, request);
  const [place] = caller.writeScopes;
  if (place === undefined) throw new Refusal(403, "forbidden");
  const entry = entries.reserve({
    key: requireText("key", body["key"]),
    version: requireText("version", body["version"]),
    ...{ realm: place.realm, trust: place.trust, ref: place.ref },
    taskId: caller.identity.replace(/^task:/, ""),
    taskUid: caller.subjectUid,
  });
  if (entry === undefined) throw new Refusal(429, "too many reservations");
  sendJson(response, 201, {
    id: entry.id,
    upload: await sign(control, entry, assertion, upload, false),
  });
}

/** Makes an upload findable. That cannot be undone, so Fleetgate is asked for what is so now. Safe to repeat. */
async function commit(
  control: ControlPlane,
  entries: Entries,
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
): Promise<void> {
  // While a body comes in a task may end, and the entry be committed and replaced.
  const { size } = await readJson(request);
  const { caller } = await identify(control, request, { strict: true });
  const entry = entries.get(id);
  // A reservation belongs to the task that made it, and only for as long as it may write there.
  const isOwn = entry !== undefined && entry.taskUid === caller.subjectUid;
  if (!isOwn || caller.writeScopes.length === 0) throw notFound();
  const file = entries.archive(id);
  const stored = existsSync(file) ? statSync(file).size : undefined;
  if (stored === undefined || stored !== size) throw new Refusal(409, "the upload is not complete");
  if (entry.size === undefined) entries.commit(entry, stored);
  sendJson(response, 200, {});
}

/** Takes an archive from whoever has the upload URL, until it is committed. */
async function receive(
  control: ControlPlane,
  options: CacheServerOptions,
  entries: Entries,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  id: string,
): Promise<void> {
  const taskUid = await verify(control, url, upload);
  const entry = entries.get(id);
  if (entry?.taskUid !== taskUid) throw notFound();
  const isOpen = (): boolean => {
    const now = entries.get(id);
    return now !== undefined && now.size === undefined;
  };
  if (!isOpen()) throw new Refusal(409, "it is committed");
  await storeBody(request, entries.archive(id), options.maxArchiveBytes ?? 1024 ** 3, isOpen);
  response.writeHead(204).end();
}

/** Sends an archive to whoever has a download URL. */
async function send(
  control: ControlPlane,
  entries: Entries,
  response: ServerResponse,
  url: URL,
  id: string,
): Promise<void> {
  await verify(control, url, download);
  const entry = entries.get(id);
  if (entry?.size === undefined) throw notFound();
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "content-length": entry.size,
    "cache-control": "no-store",
  });
  await pipeline(createReadStream(entries.archive(id)), response);
}

/** Who shows the bearer token of the request. */
async function identify(
  { identifier }: ControlPlane,
  { headers }: IncomingMessage,
  question?: CallerQuestion,
): Promise<IdentifiedCaller> {
  const token = /^bearer ([\x21-\x7e]+)$/i.exec(headers.authorization ?? "")?.[1];
  if (token === undefined) throw unauthorized();
  return identifier.identify(token, question);
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
