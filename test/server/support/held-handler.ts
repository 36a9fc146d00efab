import type { RequestHandler } from "../../../src/server/request-handler.ts";
import { respond } from "./test-listener.ts";

/** A handler whose answers wait until they are let go. */
export interface HeldHandler {
  readonly handler: RequestHandler;
  /** Resolves once so many requests have arrived. */
  arrived(count: number): Promise<void>;
  /** Answers "done" to every request that has arrived. */
  release(): void;
}

/** Makes a handler that holds every request. */
export function createHeldHandler(): HeldHandler {
  const held: Parameters<RequestHandler>[1][] = [];
  let wake = (): void => {};
  return {
    handler(_, response) {
      held.push(response);
      wake();
    },
    async arrived(count) {
      while (held.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    release() {
      for (const response of held.splice(0)) respond(response, 200, "done");
    },
  };
}
