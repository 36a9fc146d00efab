import { assertionLifeMs } from "../../credentials/assertion.ts";
import type { KeyPurpose } from "../../credentials/keyring.ts";
import { maxGrantLifeMs } from "../../credentials/url-grant.ts";
import { reportGraceMs } from "../../domain/credential/task-states.ts";
import type { AuditActor } from "../../storage/credential/audit.ts";
import { activateKeyRow, replicaSeenSeconds } from "../../storage/credential/signing-keys.ts";
import { changeKey } from "./change-key.ts";
import type { KeyDeps } from "./deps.ts";
import { keyNotReady } from "./key-not-ready.ts";
import type { KeyView } from "./key-view.ts";
import { requestedKey, type KeyInput } from "./requested-key.ts";

const minute = 60_000;

/** The longest time limit of a task, whose token may be one that a forge made. */
const maxTaskMs = 30 * 24 * 60 * minute;

// Other replicas go on to sign with the key before for the moment that they need to hear of the new one.
const hearsayMs = minute;

/** For how many milliseconds a key verifies after another one was made the active one: as long as what it signed may live. */
export const passiveMs: Readonly<Record<KeyPurpose, number>> = {
  url: maxGrantLifeMs + hearsayMs,
  assertion: assertionLifeMs + hearsayMs,
  lookup: maxTaskMs + reportGraceMs + hearsayMs,
};

/**
 * Makes a key the one that signs; the one before verifies as long as what it signed may live. The active one stays so. Fails with
 * KEY_NOT_READY when the key is retired, nobody holds it, or, unless forced, a replica that was seen lately does not hold it.
 */
export async function activateKey(
  deps: KeyDeps,
  actor: AuditActor,
  input: KeyInput,
): Promise<KeyView> {
  const wanted = requestedKey(input);
  const { purpose, id } = wanted;
  return changeKey(deps, actor, wanted, (key, ofPurpose) => {
    if (key?.state === "active") return undefined;
    const problem = problemOf(key, input.force);
    if (problem !== undefined) throw keyNotReady(purpose, id, problem);
    const previous = ofPurpose.find(({ state }) => state === "active")?.id ?? "";
    return {
      event: "key_activated",
      detail: { previous, force: input.force },
      write: (tx) => activateKeyRow(tx, purpose, id, passiveMs[purpose]),
    };
  });
}

function problemOf(key: KeyView | undefined, force: boolean): string | undefined {
  if (key?.state === "retired") return "it is retired, for ever; make a new one";
  if (key === undefined || (key.heldBy === 0 && !key.heldHere)) {
    return "no replica has it; put its file, or its entry, on every replica first";
  }
  if (force || key.heldBy === key.replicas) return undefined;
  return `only ${key.heldBy} of the ${key.replicas} replicas seen in the last ${replicaSeenSeconds} seconds have it; put it on the others, or force`;
}
