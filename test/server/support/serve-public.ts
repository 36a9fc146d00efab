import type { TestContext } from "node:test";
import type { CommandDeps } from "../../../src/commands/deps.ts";
import { createRpcHandler, type PublicService } from "../../../src/rpc/handler.ts";
import { createFakeReplica } from "../../rpc/support/fake-replica.ts";
import { createState } from "../../rpc/support/world.ts";
import { openTestListener } from "./test-listener.ts";

/** Serves public services on a listener, and gives its URL; the test ends it. */
export async function servePublic(
  t: TestContext,
  services: readonly PublicService[],
): Promise<string> {
  const replica = createFakeReplica(createState());
  const handler = createRpcHandler({
    commands: { replica, clock: () => new Date() } as unknown as CommandDeps,
    replica,
    publicServices: services,
    onCall: () => {},
    onKeyUse: () => {},
    clock: () => new Date(),
    newRequestId: () => "",
    shutdownSignal: new AbortController().signal,
    options: { allowAnonymous: false, freshnessWaitMs: 0, maxTimeoutMs: 60_000 },
  });
  return (await openTestListener(t, { handler })).url;
}

/** Ends a gRPC client with its test: an open session would keep the process alive. */
export function endAfter(t: TestContext, manager: { abort(): void }): void {
  t.after(() => manager.abort());
}
