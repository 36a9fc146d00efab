import assert from "node:assert/strict";
import { mintApiKey } from "../../../src/commands/api-key.ts";
import { maxLiveKeys } from "../../../src/commands/create-api-key.ts";
import { checkText } from "../../../src/commands/input.ts";
import { maxDocumentBytes } from "../../../src/identity/fetch-json.ts";
import { maxJwtLength, maxUnverified, remoteTiming } from "../../../src/identity/jwt-verifier.ts";
import { maxWaiting } from "../../../src/identity/key-cache.ts";
import { maxKeys, rsaBits } from "../../../src/identity/key-set.ts";
import { parseSpiffeId } from "../../../src/identity/spiffe-id.ts";
import { maxOfIssuer } from "../../../src/server/jwt-issuer-shape.ts";
import { maxCertificateRules, maxIssuers } from "../../../src/server/structured-options.ts";
import { maxAlternativeNames } from "../../../src/server/read-client-certificate.ts";
import { count, longest, passes, type Limits } from "./probes.ts";

function isFreeText(text: string): boolean {
  return passes(() => checkText("reason", text));
}

const now = new Date("2026-01-01T00:00:00Z");

function isLife(ttlSeconds: number): boolean {
  const deps = { clock: () => now, randomBytes: (size: number) => new Uint8Array(size) };
  const wanted = { identity: "user:a@b.c", description: "", ttlSeconds, noExpiry: false };
  return passes(() => mintApiKey(deps as Parameters<typeof mintApiKey>[0], "user:a@b.c", wanted));
}

/** Of API keys, JWTs and certificates. */
export const peerLimits: Limits = {
  "description of a key, reason of a change or of a revocation": () =>
    `${longest(isFreeText)} characters`,
  "API keys that are live at once; `LIMIT_EXCEEDED` calls it `api_keys`": () => count(maxLiveKeys),
  "life of an API key": () => {
    const tenYears = 10 * 365 * 24 * 60 * 60;
    assert.deepEqual([59, 60, tenYears, tenYears + 1].map(isLife), [false, true, true, false]);
    return "1 minute to 10 years, or without end";
  },
  "subject alternative names of a client certificate": () => count(maxAlternativeNames),
  "SPIFFE ID of a client certificate": () =>
    `${longest((text) => parseSpiffeId(text) !== undefined, "spiffe://a/")} bytes`,
  JWT: () => `${count(maxJwtLength)} characters`,
  "document of an issuer: its size, how long it may take, keys in it": () =>
    `${maxDocumentBytes / 1024} KiB, ${remoteTiming.loadMs / 1000} seconds, ${maxKeys}`,
  "JWTs that wait: for the keys of one issuer; for their signature to be verified": () =>
    `${count(maxWaiting)}; ${count(maxUnverified)}`,
  "RSA key of an issuer": () => `${count(rsaBits.min)} to ${count(rsaBits.max)} bits`,
  "`jwt_issuers`; audiences of one; rules of one; conditions of one rule": () =>
    [maxIssuers, ...Object.values(maxOfIssuer)].map(count).join("; "),
  "`client_certificates`": () => `${count(maxCertificateRules)} rules`,
};
