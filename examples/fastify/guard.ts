import type { FastifyRequest, preHandlerAsyncHookHandler } from "fastify";
import { isDenied, toCallerError } from "fleetgate/client";
import type { Fleetgate } from "fleetgate/client/node";

/** Who the authenticated user of a request is, e.g. `user:ann@example.com`; undefined: nobody. */
export type CallerOf = (request: FastifyRequest) => string | undefined;

/** Lets a request pass whose user has the permission in the pool that the path names as `:pool`. */
export function requirePoolPerm(
  fleetgate: Pick<Fleetgate, "acl">,
  permission: string,
  callerOf: CallerOf,
): preHandlerAsyncHookHandler {
  return async (request, reply) => {
    const caller = callerOf(request);
    // An empty caller would be this service itself.
    if (!caller) return reply.code(401).send({ error: "sign in" });
    const { pool } = request.params as { readonly pool: string };
    try {
      await fleetgate.acl.checkPoolPerm({ caller, permission, pool });
    } catch (error) {
      if (isDenied(toCallerError(error))) return reply.code(403).send({ error: "forbidden" });
      return reply.code(500).send({ error: "the check could not be made; retry" });
    }
    return undefined;
  };
}
