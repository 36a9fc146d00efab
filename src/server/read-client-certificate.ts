import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { hasForbiddenCharacter } from "../domain/text.ts";
import type { ClientCertificate } from "../identity/client-certificate.ts";
import { fingerprintOf } from "./fingerprint.ts";

const bad: ClientCertificate = { kind: "bad" };

/** The most subject alternative names that a client's certificate may have. */
export const maxAlternativeNames = 100;

/** What a handshake said about the client, and the certificate when it was verified. */
export interface Handshake {
  readonly proven: ClientCertificate;
  readonly certificate: X509Certificate | undefined;
}

/** Reads what the handshake of a server's socket said about the client. */
export function readHandshake(socket: TLSSocket): Handshake {
  const certificate = socket.getPeerX509Certificate();
  // A resumed session counts as verified although nobody looked at its certificate again; we resume none.
  if (socket.isSessionReused()) return { proven: bad, certificate: undefined };
  // Without a certificate `authorized` says nothing.
  if (certificate === undefined) return { proven: { kind: "none" }, certificate };
  if (!socket.authorized) return { proven: bad, certificate: undefined };
  return { proven: describeCertificate(certificate), certificate };
}

/**
 * Takes the names out of a certificate that was verified. "bad" is one whose names could be taken for
 * others, and one that may issue certificates itself: it is an authority and no client.
 */
export function describeCertificate(certificate: X509Certificate): ClientCertificate {
  const { subject, subjectaltname } = certificate.toLegacyObject();
  const alternatives = readAlternativeNames(subjectaltname);
  const subjects = [valuesOf(subject, "CN"), valuesOf(subject, "O"), valuesOf(subject, "OU")];
  if (alternatives === undefined || certificate.ca) return bad;
  if (subjects.flat().some(hasForbiddenCharacter)) return bad;
  const [commonNames = [], organizations = [], organizationalUnits = []] = subjects;
  return {
    kind: "verified",
    // Of several, it is not known which one the authority has looked at.
    commonName: commonNames.length === 1 ? (commonNames[0] ?? "") : "",
    organizations,
    organizationalUnits,
    uris: namesOf(alternatives, "URI"),
    dnsNames: namesOf(alternatives, "DNS"),
    emails: namesOf(alternatives, "email"),
    fingerprint: fingerprintOf(certificate),
    validFrom: certificate.validFromDate.getTime(),
    validTo: certificate.validToDate.getTime(),
  };
}

// A certificate without a subject has no object, against what the types say.
function valuesOf(subject: object | undefined, name: "CN" | "O" | "OU"): readonly string[] {
  const value: unknown = Object.entries(subject ?? {}).find(([key]) => key === name)?.[1];
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? [value] : [];
}

type AlternativeName = readonly [type: string, value: string];

// Node writes a name as it is only when it holds no comma, quote, backslash or control character, and in
// quotes otherwise: then it is not worth the risk to read it back.
function readAlternativeNames(text: string | undefined): readonly AlternativeName[] | undefined {
  if (text === undefined || text === "") return [];
  const names: AlternativeName[] = [];
  for (const entry of text.split(", ")) {
    const colon = entry.indexOf(":");
    if (colon < 0 || /["\\,]/.test(entry) || hasForbiddenCharacter(entry)) return undefined;
    names.push([entry.slice(0, colon), entry.slice(colon + 1)]);
  }
  return names.length > maxAlternativeNames ? undefined : names;
}

function namesOf(names: readonly AlternativeName[], type: string): readonly string[] {
  return names.filter(([of]) => of === type).map(([, value]) => value);
}
