import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, type ConnectError } from "@connectrpc/connect";
import { closedGateMs } from "../../src/cli/closed-gate.ts";
import { explainConnectError } from "../../src/cli/explain-connect-error.ts";
import { closedGate, fleetgateError } from "./support/fake-fleetgate.ts";

const told = (error: ConnectError): number | undefined =>
  closedGateMs(
    explainConnectError(error, {
      ...{
        endpoint: "http://127.0.0.1:1",
        headerFile: undefined,
        headers: [],
        clientCertFile: undefined,
      },
      timeoutMs: 1,
    }),
  );

describe("how long a command stays away from a closed gate", () => {
  it("is what the answer says, at most as long as a gate is closed by itself, and a minute if it does not say", () => {
    assert.equal(told(closedGate(71_999)), 71_999);
    assert.equal(told(closedGate(2 ** 40)), 600_000);
    assert.equal(told(fleetgateError(Code.ResourceExhausted, "GATE_CLOSED", "x")), 60_000);
  });

  it("is nothing for any other answer", () => {
    assert.equal(told(fleetgateError(Code.ResourceExhausted, "LIMIT_EXCEEDED", "x")), undefined);
    assert.equal(closedGateMs(new Error("GATE_CLOSED")), undefined);
  });
});
