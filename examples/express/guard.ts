import type { Request, RequestHandler } from "express";
import { isDenied, toCallerError } from "fleetgate/client";
import type { Fleetgate } from "fleetgate/client/node";

/** Who the authenticated user of a request is, e.g. `user:ann@example.com`; undefined: nobody. */
export type CallerOf = (request: Request) => string | undefined;

/** Lets a request pass whose user has the permission in the pool that the path names as `:pool`. */
export function requirePoolPerm(
  fleetgate: Pick<Fleetgate, "acl">,
  permission: string,
  callerOf: CallerOf,
): RequestHandler<{ pool: string }> {
  return async (request, response, next) => {
    const caller = callerOf(request as Request);
    // An empty caller would be this service itself.
    if (!caller) {
      response.status(401).json({ error: "sign in" });
      return;
    }
    try {
      await fleetgate.acl.checkPoolPerm({ caller, permission, pool: request.params.pool });
    } catch (error) {
      if (isDenied(toCallerError(error))) response.status(403).json({ error: "forbidden" });
      else response.status(500).json({ error: "the check could not be made; retry" });
      return;
    }
    next();
  };
}
