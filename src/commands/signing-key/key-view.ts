import { keyName, keyPurposes } from "../../credentials/keys/held-key.ts";
import type { KeyState } from "../../credentials/keys/held-keyring.ts";
import type { KeyPurpose } from "../../credentials/keyring.ts";
import {
  readKeyHolders,
  readSigningKeys,
  type KeyHolderRow,
  type SigningKeyRow,
} from "../../storage/credential/signing-keys.ts";
import type { Db, Tx } from "../../storage/storage.ts";
import type { KeyDeps } from "./deps.ts";

/** A key as people see it, without its material. */
export interface KeyView {
  readonly purpose: KeyPurpose;
  readonly id: string;
  readonly state: KeyState;
  /** Undefined: the database has not heard of it. */
  readonly createdAt: Date | undefined;
  /** Of a passive key: until when it verifies. */
  readonly passiveUntil: Date | undefined;
  readonly heldHere: boolean;
  /** How many of the replicas that were seen lately hold it, */
  readonly heldBy: number;
  /** of how many. */
  readonly replicas: number;
}

/** The keys that the database, a replica that was seen lately, or this one knows, by purpose and id. */
export async function readKeyViews(db: Db | Tx, { keys }: KeyDeps): Promise<readonly KeyView[]> {
  const rows = await readSigningKeys(db);
  const holders = await readKeyHolders(db);
  const held = new Set<string>(keys?.held().keys());
  const byName = new Map(rows.map((row) => [`${row.purpose}/${row.id}`, row]));
  const names = new Set([...byName.keys(), ...held, ...holders.flatMap(({ keys }) => keys)]);
  return keyPurposes.flatMap((purpose) => {
    const ofPurpose = [...names].filter((name) => name.startsWith(`${purpose}/`)).sort();
    return ofPurpose.map((name) => {
      const id = name.slice(purpose.length + 1);
      return viewOf(purpose, id, byName.get(name), { holders, heldHere: held.has(name) });
    });
  });
}

function viewOf(
  purpose: KeyPurpose,
  id: string,
  row: SigningKeyRow | undefined,
  { holders, heldHere }: { readonly holders: readonly KeyHolderRow[]; readonly heldHere: boolean },
): KeyView {
  const name = keyName({ purpose, id });
  const state = (row?.state ?? "next") as KeyState;
  return {
    ...{ purpose, id, state, heldHere },
    createdAt: row?.createdAt,
    passiveUntil: state === "passive" ? (row?.passiveUntil ?? undefined) : undefined,
    heldBy: holders.filter(({ keys }) => keys.includes(name)).length,
    replicas: holders.length,
  };
}
