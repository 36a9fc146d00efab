import type { Logger } from "pino";
import { createJwtVerifier, KeyFileError, type JwtVerifier } from "../identity/jwt-verifier.ts";
import type { JwtIssuerOptions } from "../identity/jwt-issuer.ts";
import type { KeySet } from "../identity/key-set.ts";
import { OptionsError } from "./options-error.ts";

/**
 * Opens what tells what JWTs prove, and writes into the log what becomes of the keys. Throws OptionsError for
 * a key set in a file that cannot be used.
 */
export async function openJwtVerifier(
  issuers: readonly JwtIssuerOptions[],
  log: Logger,
): Promise<JwtVerifier> {
  const verifier = createJwtVerifier(issuers, { onLoad: createKeyLog(log) });
  try {
    await verifier.start();
    return verifier;
  } catch (error) {
    verifier.close();
    if (!(error instanceof KeyFileError)) throw error;
    const option = `jwt_issuers[${error.index}].jwks_file`;
    throw new OptionsError([`${option}: the key set cannot be used: ${error.message}`]);
  }
}

/**
 * What is told about the loads of keys: failures, of which the verifier makes few, the first good one, the first
 * after a failure, and changes of what they hold.
 */
function createKeyLog(log: Logger): (issuer: string, loaded: KeySet | Error) => void {
  const last = new Map<string, string>();
  return (issuer, loaded) => {
    if (loaded instanceof Error) {
      last.delete(issuer);
      const message = "the keys of an issuer of JWTs cannot be loaded; those at hand stay in use";
      log.error({ issuer, err: loaded }, message);
      return;
    }
    const { keys, unused } = loaded;
    const names = keys.map(({ kid, algorithms }) => `${kid ?? ""} ${algorithms.join()}`).join("\n");
    if (last.get(issuer) === names) return;
    last.set(issuer, names);
    log.info({ issuer, keys: keys.length, unused }, "loaded the keys of an issuer of JWTs");
  };
}
