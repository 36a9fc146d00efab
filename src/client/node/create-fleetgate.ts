import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { createClients, type Clients } from "../clients.ts";
import { functionCredential, noCredential, type Credential } from "./credential.ts";
import { createEndpointPool } from "./endpoint-pool.ts";
import { createEndpoint } from "./endpoint.ts";
import { createFailoverTransport } from "./failover-transport.ts";
import { fileCredential } from "./key-file.ts";
import { checkOptions, type FleetgateOptions } from "./options.ts";
import { createSessionTransport } from "./revision-session.ts";
import { createTlsMaterial } from "./tls-material.ts";
import { emitWarning, guardWarnings, type OnWarning } from "./warnings.ts";

/** Clients of Fleetgate that find the server, prove who they are and try again where that is safe. */
export interface Fleetgate extends Clients, AsyncDisposable {
  /** What the clients speak through, for clients of further services. */
  readonly transport: Transport;
  /**
   * Clients that remember the revision of what they were answered, so that each call sees what the calls
   * answered before it saw or wrote. For one job or one user at a time.
   */
  readonly session: () => Clients;
  /** Ends all connections; calls that are open or come later fail with CANCELED. */
  readonly close: () => Promise<void>;
}

/**
 * Creates clients; the first call connects. Throws a TypeError for a wrong option, and an Error that names
 * the file when the key or a certificate cannot be read.
 */
export function createFleetgate(options: FleetgateOptions): Fleetgate {
  const checked = checkOptions(options);
  const onWarning = guardWarnings(options.onWarning ?? emitWarning);
  const credential = createCredential(options, onWarning);
  const tls = createTlsMaterial(options, onWarning);
  const { transport: speaks, pin } = checked;
  const endpoints = checked.endpoints.map((url) => createEndpoint(url, tls, speaks, pin));
  const closing = new AbortController();
  const plain = createFailoverTransport({
    ...checked,
    pool: createEndpointPool(endpoints, checked.coolDownMs),
    credential,
    closed: closing.signal,
    random: Math.random,
  });
  const inSession = (): Transport => createSessionTransport(plain, checked.deadlineMs);
  const transport = options.carryRevision === true ? inSession() : plain;
  const close = (): Promise<void> => {
    closing.abort(new ConnectError("the client is closed", Code.Canceled));
    for (const endpoint of endpoints) endpoint.session.close();
    return Promise.resolve();
  };
  return {
    ...createClients(transport),
    transport,
    session: () => createClients(inSession()),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createCredential({ key, keyFile }: FleetgateOptions, onWarning: OnWarning): Credential {
  if (keyFile !== undefined) return fileCredential(keyFile, onWarning);
  return key === undefined ? noCredential : functionCredential(key);
}
