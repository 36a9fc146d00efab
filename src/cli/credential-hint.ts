import { parseBearerToken, type BearerTokenKind } from "../domain/bearer-token.ts";

/** What was sent to prove who asks. */
export interface SentCredentials {
  readonly headerFile: string | undefined;
  /** The headers of that file. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly clientCertFile: string | undefined;
}

/** What to do about a token that is no key of the API. */
const tokenWords: Readonly<Record<Exclude<BearerTokenKind, "ak">, string>> = {
  bb: "the boot token in FILE has ended, or does not fit the state of its bot or this command",
  bs: "the session token in FILE has ended, or does not fit the state of its bot or this command",
  br: "the resume token in FILE was used or has ended, or this command is not `fleetgate session take-over`",
  tk: "the token in FILE is that of a task that has ended, or is not for this command",
  cl: "the token in FILE is that of a claim: it is good for `fleetgate claim present` alone",
  en: "the enrolment token in FILE is used up or has ended, or this command is not `fleetgate runner enroll`",
  rn: "the runner token in FILE has expired, was replaced by `fleetgate credential rotate`, or is that of a machine or a runner that was deleted; or it is not for this command",
};

/** Why a credential may have been refused, which the server does not say, and what to do. */
export function credentialHint({ headerFile, headers, clientCertFile }: SentCredentials): string {
  if (clientCertFile !== undefined) {
    const certificate = `the certificate in ${clientCertFile} is expired, of an authority that the server does not trust, or nobody's by its rules`;
    return headerFile === undefined
      ? `${certificate}; the log of the server tells which`
      : `${certificate}, or the credential in ${headerFile} is expired, revoked, or of another server; the log of the server tells which`;
  }
  if (headerFile === undefined) {
    return "no credential was sent: name the file that holds it with --header-file or $FLEETGATE_HEADER_FILE; `fleetgate key create --out FILE` makes a key for people and services";
  }
  const authorization = headers.find(([name]) => name.toLowerCase() === "authorization")?.[1];
  if (authorization === undefined) {
    return `${headerFile} holds no credential: neither a token of Fleetgate nor a line \`Authorization: Bearer ...\``;
  }
  const kind = parseBearerToken(authorization.replace(/^bearer +/i, ""))?.kind ?? "ak";
  return kind === "ak"
    ? `the credential in ${headerFile} is expired, revoked, of another server, or not for this command. With access to the database, \`fleetgate key create --bootstrap\` makes a new key`
    : tokenWords[kind].replace("FILE", () => headerFile);
}
