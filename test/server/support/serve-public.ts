import type { TestContext } from "node:test";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { PublicService } from "../../../src/rpc/deps.ts";
import { openTestListener } from "./test-listener.ts";

/** Serves public services on a listener, and gives its URL; the test ends it. */
export async function servePublic(
  t: TestContext,
  services: readonly PublicService[],
): Promise<string> {
  const handler = connectNodeAdapter({
    routes(router) {
      for (const { register } of services) register(router);
    },
  });
  return (await openTestListener(t, { handler })).url;
}

/** Ends a gRPC client with its test: an open session would keep the process alive. */
export function endAfter(t: TestContext, manager: { abort(): void }): void {
  t.after(() => manager.abort());
}
