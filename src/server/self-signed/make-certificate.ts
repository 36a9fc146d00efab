import { createPrivateKey, createPublicKey, randomBytes, sign } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_kp_serverAuth,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";

/** The name of every such certificate: who pins it looks at the key, so the name need not be that of a host. */
const commonName = "fleetgate";

/** A worker whose clock is behind must not find it from the future. */
const backdatedMs = 5 * 60_000;

const years = 5;

const ecdsaWithSha256 = "1.2.840.10045.4.3.2";
const idCommonName = "2.5.4.3";

/** Makes a certificate, PEM, of the holder of an ECDSA P-256 key, signed by itself and good for a server alone. */
export function makeCertificate(keyPem: string, now: Date): string {
  const key = createPrivateKey(keyPem);
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const name = new Name([
    new RelativeDistinguishedName([
      new AttributeTypeAndValue({
        type: idCommonName,
        value: new AttributeValue({ utf8String: commonName }),
      }),
    ]),
  ]);
  const algorithm = new AlgorithmIdentifier({ algorithm: ecdsaWithSha256 });
  const body = new TBSCertificate({
    version: Version.v3,
    serialNumber: randomSerial(),
    signature: algorithm,
    issuer: name,
    subject: name,
    validity: validityFrom(now),
    subjectPublicKeyInfo: AsnConvert.parse(publicKey, SubjectPublicKeyInfo),
    extensions: new Extensions(extensions()),
  });
  const signed = new Certificate({
    tbsCertificate: body,
    signatureAlgorithm: algorithm,
    signatureValue: bytesOf(sign("sha256", Buffer.from(AsnConvert.serialize(body)), key)),
  });
  return toPem(Buffer.from(AsnConvert.serialize(signed)));
}

// A positive number of full length, as X.509 wants it.
function randomSerial(): ArrayBuffer {
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytesOf(serial);
}

function validityFrom(now: Date): Validity {
  const notBefore = new Date(now.getTime() - backdatedMs);
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(now.getUTCFullYear() + years);
  return new Validity({ notBefore, notAfter });
}

function extensions(): Extension[] {
  const names = [
    new GeneralName({ dNSName: commonName }),
    new GeneralName({ dNSName: "localhost" }),
    new GeneralName({ iPAddress: "127.0.0.1" }),
    new GeneralName({ iPAddress: "::1" }),
  ];
  return [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth]), false),
    extension(id_ce_subjectAltName, new SubjectAlternativeName(names), false),
  ];
}

function extension(extnID: string, value: unknown, critical: boolean): Extension {
  return new Extension({
    extnID,
    critical,
    extnValue: new OctetString(AsnConvert.serialize(value)),
  });
}

function bytesOf(buffer: Buffer): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}

function toPem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
