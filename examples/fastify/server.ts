import fastify, { type FastifyInstance } from "fastify";
import type { Fleetgate } from "fleetgate/client/node";
import { requirePoolPerm, type CallerOf } from "./guard.ts";

/** A service that starts tasks for those who may start them in the pool. */
export function createTaskServer(
  fleetgate: Pick<Fleetgate, "acl">,
  callerOf: CallerOf,
): FastifyInstance {
  const preHandler = requirePoolPerm(fleetgate, "swarming.pools.createTask", callerOf);
  const server = fastify();
  server.post<{ Params: { pool: string } }>(
    "/pools/:pool/tasks",
    { preHandler },
    (request, reply) => reply.code(201).send({ started: request.params.pool }),
  );
  return server;
}
