import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createFleetgate, type FleetgateOptions } from "../../../src/client/node/index.ts";

const key = (): string => "token";
const endpoints = ["http://127.0.0.1:8080"];

describe("createFleetgate refuses", () => {
  const bad: readonly (readonly [what: string, options: FleetgateOptions, message: RegExp])[] = [
    ["no endpoint", { endpoints: [] }, /endpoints: .*1 to 100/],
    ["what is no URL", { endpoints: ["fleetgate:8080"] }, /endpoints\[0\]: .*https:/],
    ["a password in a URL", { endpoints: ["https://a:pw1@host"] }, /endpoints\[0\]: .*password/],
    ["a key over a network in clear", { endpoints: ["http://10.0.0.1"], key }, /allowInsecure/],
    [
      "it for any of the endpoints",
      { endpoints: [...endpoints, "http://host"], key },
      /endpoints\[1\]: .*unencrypted/,
    ],
    [
      "a host that only looks like loopback",
      { endpoints: ["http://127.0.0.1.example"], key },
      /unencrypted/,
    ],
    [
      "a client certificate without TLS",
      { endpoints, clientCert: { certFile: "a", keyFile: "b" } },
      /https:/,
    ],
    [
      "a fingerprint beside an authority",
      { endpoints: ["https://host"], caFile: "a", tlsFingerprint: `sha256:${"0".repeat(64)}` },
      /tlsFingerprint: it excludes caFile/,
    ],
    [
      "a fingerprint without TLS",
      { endpoints, tlsFingerprint: `sha256:${"0".repeat(64)}` },
      /endpoints\[0\]: it must be https:/,
    ],
    ...[
      "",
      "0".repeat(64),
      `sha256:${"0".repeat(63)}`,
      `sha1:${"0".repeat(40)}`,
      `sha256:${"0".repeat(65)}`,
      `sha256:${"00:".repeat(31)}00`,
    ].map(
      (tlsFingerprint) =>
        [
          `the fingerprint ${JSON.stringify(tlsFingerprint)}`,
          { endpoints: ["https://host"], tlsFingerprint },
          /tlsFingerprint: it must be sha256: and the 64 hex/,
        ] as const,
    ),
    ["two keys", { endpoints, key, keyFile: "file" }, /key: it excludes keyFile/],
    ["a deadline of nothing", { endpoints, deadlineMs: 0 }, /deadlineMs: .*1 to 600000/],
    ["no round at all", { endpoints, retry: { rounds: 0 } }, /retry\.rounds: .*1 to 10/],
    ["half a millisecond", { endpoints, retry: { delayMs: 0.5 } }, /retry\.delayMs/],
    [
      "an option that does not exist",
      { endpoints, timeout: 1 } as unknown as FleetgateOptions,
      /timeout: there is no such option/,
    ],
    [
      "a CA file that is missing",
      { endpoints, caFile: "/no/such" },
      /TLS files "\/no\/such".*ENOENT/,
    ],
    ["a CA file that is none", { endpoints, caFile: import.meta.filename }, /TLS files .*NO_PEM/],
  ];
  for (const [what, options, message] of bad) {
    it(what, () => {
      assert.throws(
        () => createFleetgate(options),
        (error: Error) => message.test(error.message) && !error.message.includes("pw1"),
      );
    });
  }
});

describe("createFleetgate takes", () => {
  const good: readonly (readonly [what: string, options: FleetgateOptions])[] = [
    ["a key to loopback in clear", { endpoints: ["http://[::1]:80", "http://localhost"], key }],
    ["a key over a network with TLS", { endpoints: ["https://fleetgate.example"], key }],
    ["a key in clear that is allowed", { endpoints: ["http://host"], key, allowInsecure: true }],
    ["no key", { endpoints: ["http://host"] }],
  ];
  for (const [what, options] of good) {
    it(what, async () => {
      await createFleetgate(options).close();
    });
  }
});
