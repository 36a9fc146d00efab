import { createHmac, timingSafeEqual, type KeyObject } from "node:crypto";
import { compareBytewise } from "../../domain/bytewise.ts";
import type { Keyring, KeyPurpose } from "../keyring.ts";
import { keyName, type HeldKey, type HeldKeys, type KeyName } from "./held-key.ts";

/** What a key may do, as the database says. A key that it does not know is `next`. */
export type KeyState = "next" | "active" | "passive" | "retired";

/** The states of the keys that the database knows. */
export type KeyStates = ReadonlyMap<KeyName, KeyState>;

/** A keyring of what this replica holds and of what the database last said. */
export interface HeldKeyring extends Keyring {
  readonly held: () => HeldKeys;
  readonly hold: (keys: HeldKeys) => void;
  /** What the database says; undefined: it was never heard. */
  readonly states: () => KeyStates | undefined;
  readonly follow: (states: KeyStates) => void;
}

/**
 * Creates a keyring that holds nothing and has heard nothing. `onUnknown` is told of a key that somebody shows and that
 * neither this replica nor, as far as it knows, the database has.
 */
export function createHeldKeyring(onUnknown: () => void): HeldKeyring {
  let held: HeldKeys = new Map();
  let states: KeyStates | undefined;
  // Of each purpose those that may be used, the active one first, then those that another replica may have activated just now.
  let usable: ReadonlyMap<KeyPurpose, readonly HeldKey[]> = new Map();
  // Whether there may be keys by which tokens of forges are found, and this replica lacks them.
  let lacksLookup = true;

  function arrange(): void {
    const keys = [...held.values()].filter((key) => stateOf(keyName(key)) !== "retired");
    keys.sort((one, other) => rank(one) - rank(other) || compareBytewise(one.id, other.id));
    usable = Map.groupBy(keys, ({ purpose }) => purpose);
    lacksLookup =
      states === undefined ||
      [...states].some(
        ([name, state]) => name.startsWith("lookup/") && state !== "retired" && !held.has(name),
      );
  }
  function stateOf(name: KeyName): KeyState {
    return states?.get(name) ?? "next";
  }
  function activeOf(purpose: KeyPurpose): HeldKey | undefined {
    const key = usable.get(purpose)?.[0];
    return key !== undefined && stateOf(keyName(key)) === "active" ? key : undefined;
  }
  function rank(key: HeldKey): number {
    return order.indexOf(stateOf(keyName(key)));
  }

  return {
    held: () => held,
    hold: (keys) => {
      held = keys;
      arrange();
    },
    states: () => states,
    follow: (known) => {
      states = known;
      arrange();
    },
    activeKey: (purpose) => activeOf(purpose)?.id,
    sign: (purpose, textFor) => {
      const key = activeOf(purpose);
      return key && { keyId: key.id, mac: macOf(key.secret, textFor(key.id)) };
    },
    verify: (purpose, text, { keyId, mac }) => {
      const name: KeyName = `${purpose}/${keyId}`;
      const key = held.get(name);
      if (key === undefined) {
        const state = states?.get(name);
        if (states !== undefined && state === undefined) onUnknown();
        // Another replica may have signed with it.
        return states === undefined || (state !== undefined && state !== "retired")
          ? "unknown"
          : "bad";
      }
      if (mac.length !== macLength || !timingSafeEqual(macOf(key.secret, text), mac)) return "bad";
      if (states === undefined) return "unknown";
      return stateOf(name) === "retired" ? "bad" : "good";
    },
    lookupHashes: (token) => ({
      hashes: (usable.get("lookup") ?? []).map(({ id, secret }) => ({
        keyId: id,
        hash: macOf(secret, token).toString("hex"),
      })),
      isComplete: !lacksLookup,
    }),
  };
}

const order: readonly KeyState[] = ["active", "next", "passive", "retired"];

const macLength = 32;

function macOf(secret: KeyObject, text: string): Buffer {
  return createHmac("sha256", secret).update(text).digest();
}
