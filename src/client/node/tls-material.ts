import { readFileSync } from "node:fs";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { quote } from "../../domain/quote.ts";
import type { OnWarning } from "./warnings.ts";

/** The files of TLS, all in PEM. */
export interface TlsFiles {
  /** The authorities to trust instead of those of Node. */
  readonly caFile?: string | undefined;
  /** What this client proves itself with. */
  readonly clientCert?: { readonly certFile: string; readonly keyFile: string } | undefined;
}

/**
 * Reads the files now, and again for each new connection, so that certificates can be renewed in place.
 * Throws when they cannot be used at the start; later the last good ones stay in use, with a warning.
 */
export function createTlsMaterial(
  files: TlsFiles,
  onWarning: OnWarning,
): () => SecureContextOptions {
  let material = readMaterial(files);
  let problem = "";
  return () => {
    try {
      material = readMaterial(files);
      problem = "";
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error);
      if (found !== problem) onWarning(`${found}; the last good ones stay in use`);
      problem = found;
    }
    return material;
  };
}

function readMaterial({ caFile, clientCert }: TlsFiles): SecureContextOptions {
  const names = [caFile, clientCert?.certFile, clientCert?.keyFile].filter(
    (name) => name !== undefined,
  );
  try {
    const material = {
      ...(caFile === undefined ? {} : { ca: readPem(caFile) }),
      ...(clientCert === undefined
        ? {}
        : { cert: readPem(clientCert.certFile), key: readPem(clientCert.keyFile) }),
    };
    createSecureContext(material);
    return material;
  } catch (error) {
    const why = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    const list = names.map((name) => quote(name)).join(", ");
    throw new Error(`TLS files ${list}: they cannot be read or do not fit together${why}`, {
      cause: error,
    });
  }
}

/** Node passes over what is no PEM, and would then trust nobody. */
function readPem(path: string): string {
  const text = readFileSync(path, "utf8");
  if (text.includes("-----BEGIN ")) return text;
  throw Object.assign(new Error("no PEM"), { code: "NO_PEM" });
}
