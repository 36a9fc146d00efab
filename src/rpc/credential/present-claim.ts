import type { HandlerContext } from "@connectrpc/connect";
import { presentClaim, type PresentedClaim } from "../../commands/claim/present-claim.ts";
import { parseBearerToken } from "../../domain/bearer-token.ts";
import { DomainError } from "../../domain/errors.ts";
import { requireOpenGate } from "../admission/closed-gate.ts";
import { admitUnjudged } from "../admission/gate.ts";
import { callOf, sourceOf } from "../call.ts";
import type { RpcDeps } from "../deps.ts";

/** Presents the claim token that is the bearer of a call. Fails as presentClaim does, and as the gate. */
export async function answerPresented(
  deps: RpcDeps,
  { jobId, nonce }: { readonly jobId: string; readonly nonce: string },
  { values }: Pick<HandlerContext, "values">,
): Promise<PresentedClaim> {
  const call = callOf(values);
  requireOpenGate(deps, call.method);
  const { token, state, area } = admitUnjudged(deps, call);
  const parsed = parseBearerToken(token);
  if (area === undefined || parsed === undefined) {
    throw new DomainError("STORAGE_UNAVAILABLE", "this server keeps no credentials");
  }
  const shown = { credentialId: parsed.id, secret: parsed.secret };
  const by = { source: sourceOf(call), requestId: call.requestId };
  return presentClaim(area.commands, state.snapshot, shown, by, { jobId, nonce });
}
