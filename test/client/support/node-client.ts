import assert from "node:assert/strict";
import { after } from "node:test";
import { ConnectError } from "@connectrpc/connect";
import {
  createFleetgate,
  type Fleetgate,
  type FleetgateOptions,
  type TransportName,
} from "../../../src/client/node/index.ts";

const clients: Fleetgate[] = [];
after(async () => {
  for (const client of clients) await client.close();
});

/** Everything that a client may speak HTTP/2 by; what a client does is the same by each. */
export const transports: readonly TransportName[] = ["lean", "stock"];

const quick = { delayMs: 0 };

/** A client of these endpoints, which is closed after the tests of the file. */
export function connect(
  endpoints: readonly string[],
  more: Partial<FleetgateOptions> = {},
): Fleetgate {
  const client = createFleetgate({ endpoints, retry: quick, deadlineMs: 30_000, ...more });
  clients.push(client);
  return client;
}

/** {@link connect} by a transport. */
export function connectBy(transport: TransportName): typeof connect {
  return (endpoints, more) => connect(endpoints, { transport, ...more });
}

/** The error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<ConnectError> {
  const error = await call.then(
    () => assert.fail("the call succeeded"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ConnectError);
  return error;
}
