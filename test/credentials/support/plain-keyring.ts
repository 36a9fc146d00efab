import { createHmac, timingSafeEqual } from "node:crypto";
import type { Keyring, KeyPurpose } from "../../../src/credentials/keyring.ts";

/** A keyring of fixed keys, of which the first signs and all verify. */
export function plainKeyring(...keys: readonly (readonly [id: string, secret: string])[]): Keyring {
  const held = new Map(keys);
  const macOf = (secret: string, purpose: KeyPurpose, text: string): Buffer =>
    createHmac("sha256", `${secret}/${purpose}`).update(text).digest();
  return {
    activeKey: () => keys[0]?.[0],
    sign: (purpose, textFor) => {
      const [active] = keys;
      if (active === undefined) return undefined;
      const [keyId, secret] = active;
      return { keyId, mac: macOf(secret, purpose, textFor(keyId)) };
    },
    verify: (purpose, text, { keyId, mac }) => {
      if (keyId === "elsewhere") return "unknown";
      const secret = held.get(keyId);
      if (secret === undefined || mac.length !== 32) return "bad";
      return timingSafeEqual(macOf(secret, purpose, text), mac) ? "good" : "bad";
    },
    lookupHashes: (token) => ({
      hashes: keys.map(([keyId, secret]) => ({
        keyId,
        hash: macOf(secret, "lookup", token).toString("hex"),
      })),
      isComplete: true,
    }),
  };
}
