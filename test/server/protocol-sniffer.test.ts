import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sniffProtocol } from "../../src/server/protocol-sniffer.ts";

describe("sniffProtocol", () => {
  const cases: readonly (readonly [string, "http1" | "http2" | undefined])[] = [
    ["", undefined],
    ["P", undefined],
    ["PR", undefined],
    ["PRI", "http2"],
    ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http2"],
    ["G", "http1"],
    ["PO", "http1"],
    ["PUT", "http1"],
    ["PRO", "http1"],
    ["pri", "http1"],
    ["\r\n", "http1"],
    ["\x16\x03\x01", "http1"],
  ];
  for (const [bytes, expected] of cases) {
    it(`tells ${JSON.stringify(bytes)} as ${expected ?? "not enough"}`, () => {
      assert.equal(sniffProtocol(Buffer.from(bytes, "latin1")), expected);
    });
  }
});
