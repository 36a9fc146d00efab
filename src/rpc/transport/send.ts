import { universalResponseToNodeResponse } from "@connectrpc/connect-node";
import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import type { Call } from "../call.ts";
import { snapshotAgeHeader } from "../snapshot-age.ts";
import type { ServerResponseOf } from "./server-request.ts";

/**
 * Sends the answer of a call with the headers that every answer has. `onEnd` is called once: when the last
 * byte is handed over, or with the error that kept it from that.
 */
export function sendAnswer(
  call: Call,
  answer: UniversalServerResponse,
  response: ServerResponseOf,
  onEnd: (error?: unknown) => void,
): void {
  const header = new Headers(answer.header);
  header.set("x-request-id", call.requestId);
  header.set("cache-control", "no-store");
  if (call.revisionToken !== "") header.set("fleetgate-revision", call.revisionToken);
  const { snapshotAgeMs } = call;
  if (snapshotAgeMs !== undefined) {
    header.set(snapshotAgeHeader, Math.floor(snapshotAgeMs / 1000).toString());
  }
  const { body } = answer;
  const sent = universalResponseToNodeResponse(
    { ...answer, header, ...(body === undefined ? {} : { body: watch(body, onEnd) }) },
    response,
  );
  if (body === undefined) onEnd();
  // The promise of a successful answer need not settle; that of a failed one rejects.
  sent.catch((error: unknown) => {
    onEnd(error);
    response.destroy();
  });
}

async function* watch(
  body: AsyncIterable<Uint8Array>,
  onEnd: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } finally {
    onEnd();
  }
}
