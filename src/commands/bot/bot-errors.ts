import { DomainError } from "../../domain/errors.ts";

/** GENERATION_MOVED: the bot is in this generation by now. */
export function generationMoved(generation: number): DomainError {
  return new DomainError("GENERATION_MOVED", `the bot is in generation ${generation} now`, {
    generation: String(generation),
  });
}

/** ILLEGAL_TRANSITION: of the runner, the instance or the session of a bot. */
export function illegalTransition(
  kind: "runner" | "instance" | "session",
  from: string,
  to: string,
): DomainError {
  const message = `the ${kind} is "${from}", and "${to}" cannot follow that`;
  return new DomainError("ILLEGAL_TRANSITION", message, { kind, from, to });
}
