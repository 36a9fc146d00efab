import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { describe, it } from "node:test";
import { makeCertificate } from "../../../src/server/self-signed/make-certificate.ts";

function newKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

const now = new Date("2026-03-04T05:06:07Z");
const key = newKey();
const certificate = new X509Certificate(makeCertificate(key, now));

describe("a certificate of the server's own", () => {
  it("C2 is of its key, signed by itself", () => {
    assert.ok(certificate.verify(createPublicKey(key)));
    assert.equal(certificate.issuer, certificate.subject);
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, "prime256v1");
  });

  it("C4 CH10 is good from five minutes ago, for clocks that are behind, for five years", () => {
    assert.equal(certificate.validFromDate.toISOString(), "2026-03-04T05:01:07.000Z");
    assert.equal(certificate.validToDate.toISOString(), "2031-03-04T05:06:07.000Z");
  });

  it("names nobody but Fleetgate and the loopback interface", () => {
    assert.equal(certificate.subject, "CN=fleetgate");
    assert.deepEqual(certificate.subjectAltName?.split(", "), [
      "DNS:fleetgate",
      "DNS:localhost",
      "IP Address:127.0.0.1",
      "IP Address:0:0:0:0:0:0:0:1",
    ]);
  });

  it("C2 is good for a server alone", () => {
    // What Node calls key usage are the extended ones: serverAuth.
    assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
    assert.equal(certificate.ca, false);
  });

  it("has a serial number that no other has", () => {
    const serials = Array.from(
      { length: 50 },
      () => new X509Certificate(makeCertificate(key, now)).serialNumber,
    );
    assert.equal(new Set(serials).size, serials.length);
    assert.ok(serials.every((serial) => /^[4-7][0-9A-F]{31}$/.test(serial)));
  });
});
