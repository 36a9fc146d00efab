import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  isShownCredentialForbidden,
  isShownCredentialRefused,
  taskStopSignal,
} from "../../src/client/index.ts";
import { fleetgateError } from "../cli/support/fake-fleetgate.ts";

describe("what became of a token that was shown", () => {
  const denied = (
    reason: "TASK_NOT_ACTIVE" | "SUBJECT_MISMATCH" | "CREDENTIAL_LACKS_PERMISSION",
  ): ConnectError =>
    fleetgateError(Code.PermissionDenied, reason, "no", { task_state: "canceled" });
  const cases = [
    ["TASK_NOT_ACTIVE", denied("TASK_NOT_ACTIVE"), ["canceled", false, false]],
    ["SUBJECT_MISMATCH", denied("SUBJECT_MISMATCH"), [undefined, false, true]],
    [
      "CREDENTIAL_LACKS_PERMISSION",
      denied("CREDENTIAL_LACKS_PERMISSION"),
      [undefined, false, true],
    ],
    [
      "SHOWN_CREDENTIAL_REFUSED",
      fleetgateError(Code.Unauthenticated, "SHOWN_CREDENTIAL_REFUSED", "no"),
      [undefined, true, false],
    ],
    [
      "the service's own credential",
      fleetgateError(Code.Unauthenticated, "CREDENTIAL_REQUIRED", "no"),
      [undefined, false, false],
    ],
    [
      "a reason with the code of another",
      fleetgateError(Code.Unavailable, "TASK_NOT_ACTIVE", "no"),
      [undefined, false, false],
    ],
    ["a proxy's 401", new ConnectError("no", Code.Unauthenticated), [undefined, false, false]],
    ["no error", undefined, [undefined, false, false]],
  ] as const;
  for (const [what, error, expected] of cases) {
    it(what, () => {
      assert.deepEqual(
        [taskStopSignal(error), isShownCredentialRefused(error), isShownCredentialForbidden(error)],
        expected,
      );
    });
  }
});
