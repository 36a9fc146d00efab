import { createServer, type Server } from "node:http";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { Fleetgate } from "fleetgate/client/node";
import { TaskService } from "./gen/tasks/v1/task_service_pb.ts";
import { requirePoolPerm, type CallerOf } from "./guard.ts";

/** A service that starts tasks for those who may start them in the pool. */
export function createTaskServer(fleetgate: Pick<Fleetgate, "acl">, callerOf: CallerOf): Server {
  const guard = requirePoolPerm(fleetgate, "swarming.pools.createTask", callerOf);
  const handler = connectNodeAdapter({
    interceptors: [guard],
    routes: (router) => router.service(TaskService, { start: ({ pool }) => ({ pool }) }),
  });
  return createServer(handler);
}
