import express, { type Express } from "express";
import type { Fleetgate } from "fleetgate/client/node";
import { requirePoolPerm, type CallerOf } from "./guard.ts";

/** A service that starts tasks for those who may start them in the pool. */
export function createTaskServer(fleetgate: Pick<Fleetgate, "acl">, callerOf: CallerOf): Express {
  const guard = requirePoolPerm(fleetgate, "swarming.pools.createTask", callerOf);
  return express().post("/pools/:pool/tasks", guard, (request, response) => {
    response.status(201).json({ started: request.params.pool });
  });
}
