import type { Logger } from "pino";
import { createJwtVerifier, type JwtVerifier } from "../identity/jwt-verifier.ts";
import type { JwtIssuerOptions } from "../identity/jwt-issuer.ts";
import type { KeySet } from "../identity/key-set.ts";
import { readKeyFile } from "../identity/load-keys.ts";
import { OptionsError } from "./options-error.ts";

/** Throws OptionsError with all key sets in files that cannot be used. */
export function checkKeyFiles(issuers: readonly JwtIssuerOptions[]): void {
  const problems = issuers.flatMap(({ keys }, index) => {
    try {
      if (keys.kind === "file") readKeyFile(keys.path);
      return [];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return [`jwt_issuers[${index}].jwks_file: the key set cannot be used: ${why}`];
    }
  });
  if (problems.length > 0) throw new OptionsError(problems);
}

/**
 * Opens what tells what JWTs prove, and writes into the log what becomes of the keys. Throws OptionsError for
 * key sets in files that cannot be used.
 */
export function openJwtVerifier(issuers: readonly JwtIssuerOptions[], log: Logger): JwtVerifier {
  checkKeyFiles(issuers);
  return createJwtVerifier(issuers, { onLoad: createKeyLog(log) });
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
