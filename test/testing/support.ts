import type { DescMethodUnary } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import * as alphabets from "../conformance/support/alphabets.ts";
import { ask, type Reply } from "../rpc/support/bench.ts";
import { singleCalls, type AnyCheck, type Names } from "../rpc/support/checks.ts";

/** The names of random worlds and of the questions about them. */
export const names: Names = {
  // Mostly the peer itself: what it asks about others is mostly refused.
  callers: [...alphabets.identities, ...alphabets.identities.map(() => "")],
  pools: [...alphabets.pools, alphabets.unknownPool],
  bots: alphabets.bots,
  realms: alphabets.likelyRealms,
};

/** What an answer says, but for which Fleetgate said it at which revision. */
export type Said = Omit<Reply, "metadataOfCall">;

/** Makes the single call of a check. */
export async function askOne(
  transport: Transport,
  check: AnyCheck,
  headers: Readonly<Record<string, string>> = {},
): Promise<Said> {
  return said(await ask(transport, singleCalls[check.case], check.value as never, headers));
}

/** Asks all checks in one batch. */
export async function askBatch(
  transport: Transport,
  checks: readonly AnyCheck[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const method: DescMethodUnary = AclService.method.batchCheck;
  const request = { checks: checks.map((check) => ({ check })) };
  return said(await ask(transport, method, request as never, headers));
}

function said(reply: Reply): Said {
  const { code, reason, message, metadata, details } = reply;
  const response =
    reply.response === undefined ? undefined : { ...(reply.response as object), revisionToken: "" };
  return { code, reason, message, metadata, details, response };
}
