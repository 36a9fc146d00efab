import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { NewSession } from "../../commands/session/new-session.ts";
import type { SessionSchema } from "../../gen/fleetgate/credential/v1/session_service_pb.ts";

/** A session that was just opened or taken over, as the contract has it. */
export function toSessionMessage(session: NewSession): MessageInitShape<typeof SessionSchema> {
  return { ...session, expiresAt: timestampFromDate(session.expiresAt) };
}
