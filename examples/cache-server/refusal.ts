import {
  isShownCredentialForbidden,
  isShownCredentialRefused,
  taskStopSignal,
} from "fleetgate/client";

/** An answer that is no success: a status and a constant text. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
    super(text);
    this.status = status;
    this.headers = headers;
  }
}

/** What the client of this server is told of an error: nothing of a cause, but the signal to stop. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const taskState = taskStopSignal(error);
  if (taskState !== undefined) {
    return new Refusal(403, "the task is to stop", { "task-state": taskState });
  }
  if (isShownCredentialRefused(error)) return unauthorized();
  if (isShownCredentialForbidden(error)) return new Refusal(403, "forbidden");
  // Fleetgate could not tell, our own key has expired, or there is a fault here: never the fault of the client.
  return new Refusal(503, "try again", { "retry-after": "1" });
}

/** One answer for every credential that is not accepted, and for none. */
export function unauthorized(): Refusal {
  return new Refusal(401, "unauthorized", { "www-authenticate": "Bearer" });
}

/** One answer for what does not exist and for what is somebody else's. */
export function notFound(): Refusal {
  return new Refusal(404, "not found");
}
