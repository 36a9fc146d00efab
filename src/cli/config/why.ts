import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import type { Explanation } from "../../engine/inspect/explanation.ts";
import { ExplanationSchema } from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { toExplanation } from "../../rpc/inspect/explanation-message.ts";
import { formatExplanation } from "../explain/format-explanation.ts";

/** The lines that say why a check about an identity came out so, as `fleetgate explain` says it. */
export function formatWhy(explanation: Explanation, identity: string): readonly string[] {
  const message = create(ExplanationSchema, toExplanation({ ...explanation, redacted: false }));
  return formatExplanation(message, {
    // Of the question only the caller is shown.
    check: { case: "server", value: { caller: identity, permission: "" } },
    outcome: { code: explanation.decision.permitted ? 0 : Code.PermissionDenied },
  });
}
