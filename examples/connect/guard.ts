import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { toCallerError } from "fleetgate/client";
import type { Fleetgate } from "fleetgate/client/node";

/** Who the authenticated user of a call is, e.g. `user:ann@example.com`; undefined: nobody. */
export type CallerOf = (header: Headers) => string | undefined;

/**
 * Lets a call pass whose user has the permission in the pool that the request names as `pool`. A denial and
 * the constant INTERNAL are handed on as Fleetgate gave them, with their details.
 */
export function requirePoolPerm(
  fleetgate: Pick<Fleetgate, "acl">,
  permission: string,
  callerOf: CallerOf,
): Interceptor {
  return (next) => async (request) => {
    const caller = callerOf(request.header);
    // An empty caller would be this service itself.
    if (!caller) throw new ConnectError("sign in", Code.Unauthenticated);
    const { pool } = request.message as unknown as { readonly pool: string };
    try {
      await fleetgate.acl.checkPoolPerm({ caller, permission, pool });
    } catch (error) {
      throw toCallerError(error);
    }
    return next(request);
  };
}
