import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { ClientHttp2Session } from "node:http2";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { ClientCertificate } from "../../../src/identity/client-certificate.ts";
import { createClientCertificates } from "../../../src/server/client-certificates.ts";
import type { Listener } from "../../../src/server/listener.ts";
import type { TlsFiles } from "../../../src/server/tls-files.ts";
import {
  createAuthority,
  type CertificateOptions,
  type TestAuthority,
  type TestCertificate,
} from "../../support/certificates.ts";
import type { MemoryLog } from "./memory-log.ts";
import { callHttp2, connectHttp2, openTestListener, respond } from "./test-listener.ts";

/** A listener that asks for client certificates and answers what they prove. */
export interface TlsBench {
  readonly listener: Listener & { readonly log: MemoryLog };
  /** Vouches for the server. */
  readonly serverCa: TestAuthority;
  readonly files: TlsFiles & { readonly clientCaFile: string };
  /** What the clock of the server says, in ms since 1970. */
  time: number;
  /** Opens an HTTP/2 session with a certificate, or without. */
  connect(credential?: TestCertificate): Promise<ClientHttp2Session>;
  /** Resolves when `count` readings of files have come to this outcome. */
  reloaded(outcome: "ok" | "failed", count: number): Promise<void>;
}

/** The names of a certificate that is good for a server of the loopback interface. */
export const serverNames: CertificateOptions = {
  subject: [{ CN: ["localhost"] }],
  san: [
    { type: "dns", value: "localhost" },
    { type: "ip", value: "127.0.0.1" },
  ],
};

/** Opens one that asks for certificates of these authorities. */
export async function openTlsBench(
  t: TestContext,
  authorities: readonly TestAuthority[],
): Promise<TlsBench> {
  const directory = mkdtempSync(join(tmpdir(), "fleetgate-tls-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const files = {
    certFile: join(directory, "tls.crt"),
    keyFile: join(directory, "tls.key"),
    clientCaFile: join(directory, "ca.crt"),
  };
  const serverCa = await createAuthority("server ca");
  writeIdentity(files, await serverCa.issue(serverNames));
  writeAuthorities(files, authorities);
  const certificates = createClientCertificates(() => bench.time);
  const listener = await openTestListener(t, {
    handler: (incoming, response) => {
      respond(response, 200, JSON.stringify(certificates.of(incoming)));
    },
    tls: files,
    certificates,
    tlsPollMs: 10,
  });
  const bench: TlsBench = {
    listener,
    serverCa,
    files,
    time: Date.now(),
    connect: (credential) => connectHttp2(t, listener.url, { ca: serverCa.cert, ...credential }),
    async reloaded(outcome, count) {
      while (!t.signal.aborted && (listener.tlsStatus()?.reloads[outcome] ?? 0) < count) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
  return bench;
}

/** Writes a file such that nobody sees half of it. */
export function putFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** Writes the certificate of the server and its key, one after the other. */
export function writeIdentity(files: TlsFiles, { cert, key }: TestCertificate): void {
  putFile(files.certFile, cert);
  putFile(files.keyFile, key);
}

/** Writes the certificates of those who vouch for clients. */
export function writeAuthorities(
  files: { readonly clientCaFile: string },
  authorities: readonly TestCertificate[],
): void {
  putFile(files.clientCaFile, authorities.map(({ cert }) => cert).join(""));
}

/** What the server says that the client of a session has proven. */
export async function provenBy(session: ClientHttp2Session): Promise<ClientCertificate> {
  const { body } = await callHttp2(session);
  return JSON.parse(body) as ClientCertificate;
}

/** The same over HTTP/1.1 and a connection of its own. */
export async function provenOverHttp1(
  bench: TlsBench,
  credential?: TestCertificate,
): Promise<ClientCertificate> {
  const client = request(bench.listener.url, {
    ca: bench.serverCa.cert,
    agent: false,
    ...credential,
  }).end();
  const [response] = (await once(client, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return JSON.parse(body) as ClientCertificate;
}
