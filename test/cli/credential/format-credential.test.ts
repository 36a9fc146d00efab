import assert from "node:assert/strict";
import { it } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  formatCredential,
  toCredentialRow,
} from "../../../src/cli/credential/format-credential.ts";
import { formatCaller } from "../../../src/cli/identify/format-caller.ts";
import { CredentialSchema } from "../../../src/gen/fleetgate/credential/v1/credential_service_pb.ts";
import { CallerInfoSchema } from "../../../src/gen/fleetgate/credential/v1/subject_pb.ts";

const expiresAt = timestampFromMs(0);
const revokedAt = timestampFromMs(60_000);

it("says how a credential fares: until when it lives, or why it proves nothing any more", () => {
  for (const [fields, state] of [
    [{}, /^expires 1970/],
    [{ ended: "expired" }, /^expired 1970/],
    [{ ended: "used_up" }, /^ended: used_up$/],
    [{ ended: "generation" }, /^ended: generation$/],
    [{ ended: "revoked", revokedAt, revokeReason: "replaced" }, /^revoked 1970.*: replaced$/],
    // When it was revoked tells more than that its time is over by now.
    [{ ended: "expired", revokedAt }, /^revoked 1970/],
  ] as const satisfies readonly (readonly [MessageInitShape<typeof CredentialSchema>, RegExp])[]) {
    const row = toCredentialRow(create(CredentialSchema, { expiresAt, ...fields }));
    assert.match(row[2] ?? "", state);
  }
});

it("says of a runner token whose machine it is and what took its place, of an enrolment token how often it was used", () => {
  const lines = (fields: MessageInitShape<typeof CredentialSchema>): string =>
    formatCredential(create(CredentialSchema, fields)).join("\n");
  assert.match(
    lines({ systemId: "s\u0007", replacedBy: "x" }),
    /^system id: s\\u0007\n[^]*^replaced by: x$/m,
  );
  assert.match(lines({ uses: 0, maxUses: 40 }), /^uses: 0 of 40$/m);
  assert.doesNotMatch(lines({}), /system id|uses|replaced/);
});

it("says of a runner which machine it is, and whether it is to get work", () => {
  const lines = (fields: MessageInitShape<typeof CallerInfoSchema>): string =>
    formatCaller(create(CallerInfoSchema, { identity: "runner:linux-1", ...fields })).join("\n");
  assert.match(lines({ systemId: "s1", paused: true }), /^system id: s1\npaused: yes$/m);
  assert.doesNotMatch(lines({}), /system id|paused/);
});
