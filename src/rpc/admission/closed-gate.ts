import { DomainError } from "../../domain/errors.ts";
import { withoutStack } from "../../domain/without-stack.ts";
import type { RpcDeps } from "../deps.ts";
import { requirementOf } from "./method-table.ts";

/**
 * Refuses a method that an operator keeps closed (GATE_CLOSED). It comes before anything looks at the credential, so that it costs
 * next to nothing, and answers the same whatever is shown.
 */
export function requireOpenGate(
  { credentials }: Pick<RpcDeps, "credentials">,
  method: string,
): void {
  const area = requirementOf(method)?.gate ?? "none";
  if (area === "none") return;
  const retryAfterMs = credentials?.gates.refuse(area);
  if (retryAfterMs === undefined) return;
  const message = `an operator keeps the methods of area ${area} closed for a while, as for a migration; retry later`;
  throw withoutStack(() => new DomainError("GATE_CLOSED", message, { area }, { retryAfterMs }));
}
