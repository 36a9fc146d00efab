import "./reflect-metadata.ts";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type Extension,
  type JsonGeneralNames,
  type JsonName,
} from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 24 * 3600 * 1000;

/** A certificate and its key, both PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** What a test wants otherwise than usual. */
export interface CertificateOptions {
  /** In OpenSSL's short names, in order: `[{ CN: ["a"] }]`. */
  readonly subject?: JsonName;
  readonly san?: JsonGeneralNames | Extension;
  /** Undefined: for clients and servers; null: no such extension. */
  readonly usages?: readonly ("client" | "server")[] | null;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly isAuthority?: boolean;
}

/** An authority that makes certificates. */
export interface TestAuthority extends TestCertificate {
  /** Makes a certificate that this authority vouches for. */
  issue(options?: CertificateOptions): Promise<TestCertificate>;
  /** Makes an authority that this one vouches for. */
  issueAuthority(name: string, options?: CertificateOptions): Promise<TestAuthority>;
}

type KeyPair = Awaited<ReturnType<typeof makeKeys>>;

/** Makes an authority that vouches for itself. */
export async function createAuthority(name: string): Promise<TestAuthority> {
  const keys = await makeKeys();
  const subject: JsonName = [{ CN: [name] }];
  const signer = { subject, keys };
  const options = { subject, isAuthority: true, usages: null };
  return authority(signer, await make(signer, keys, options));
}

/** Makes a certificate that vouches for itself. */
export async function selfSigned(options: CertificateOptions = {}): Promise<TestCertificate> {
  const keys = await makeKeys();
  return make({ subject: options.subject ?? [{ CN: ["self"] }], keys }, keys, options);
}

interface Signer {
  readonly subject: JsonName;
  readonly keys: KeyPair;
}

function authority(signer: Signer, certificate: TestCertificate): TestAuthority {
  return {
    ...certificate,
    issue: async (options = {}) => make(signer, await makeKeys(), options),
    async issueAuthority(name, options) {
      const keys = await makeKeys();
      const subject: JsonName = [{ CN: [name] }];
      const all = { subject, isAuthority: true, usages: null, ...options };
      return authority({ subject, keys }, await make(signer, keys, all));
    },
  };
}

async function make(
  signer: Signer,
  keys: KeyPair,
  options: CertificateOptions,
): Promise<TestCertificate> {
  const { isAuthority = false, usages = ["client", "server"] } = options;
  const extensions: Extension[] = [
    new BasicConstraintsExtension(isAuthority, undefined, true),
    new KeyUsagesExtension(
      KeyUsageFlags.digitalSignature | (isAuthority ? KeyUsageFlags.keyCertSign : 0),
      true,
    ),
  ];
  if (usages !== null) {
    const oids = usages.map((usage) =>
      usage === "client" ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth,
    );
    extensions.push(new ExtendedKeyUsageExtension(oids));
  }
  const { san } = options;
  if (san !== undefined) {
    extensions.push(Array.isArray(san) ? new SubjectAlternativeNameExtension(san) : san);
  }
  const certificate = await X509CertificateGenerator.create({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString("hex"),
    subject: options.subject ?? [{ CN: ["test"] }],
    issuer: signer.subject,
    notBefore: options.notBefore ?? new Date(Date.now() - dayMs),
    notAfter: options.notAfter ?? new Date(Date.now() + dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    extensions,
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString("base64")}\n-----END PRIVATE KEY-----\n`;
  return { cert: `${certificate.toString("pem")}\n`, key };
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}
