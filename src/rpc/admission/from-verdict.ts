import { parseIdentity } from "../../domain/identity.ts";
import { taskStateAt } from "../../domain/credential/gates.ts";
import type { CredentialRecord } from "../../domain/credential/subject.ts";
import type { Verdict } from "../../credentials/verdict.ts";
import type { Authenticated, Peer } from "./peer.ts";

// A record that changes is another object: what is known of it goes with it.
const peers = new WeakMap<CredentialRecord, Peer>();

/** Who the bearer of a credential of a bot, a task or a runner is, by the verdict on it that was made at `now` of the database's clock. */
export function fromVerdict(verdict: Verdict, now: number): Authenticated {
  switch (verdict.kind) {
    case "good":
      return fromRecord(verdict.record, verdict.use);
    case "not_active": {
      const { subject } = verdict.record;
      if (subject.kind !== "task") return refused(verdict.why);
      return { kind: "not_active", state: taskStateAt(subject, now) };
    }
    case "unavailable": {
      const why = "whose the credential is cannot be told";
      return { kind: "unverifiable", why, cause: verdict.cause };
    }
    case "too_many":
      return { kind: "too_many" };
    case "refused":
      return refused(verdict.why);
    // Nobody asked for another subject, nor for a permission that not every one has.
    case "mismatch":
    case "lacks":
    default:
      return refused(verdict.kind);
  }
}

// Identity and rights come from the record alone, whatever the request says. Its expiry is judged with it.
function fromRecord(record: CredentialRecord, use: "all" | "report"): Authenticated {
  const known = peers.get(record);
  if (known?.use === use) return { kind: "peer", peer: known };
  const { subject, kind, id } = record;
  const identity = parseIdentity(`${subject.kind}:${subject.id}`);
  if (identity === undefined) return refused("its subject has no well-formed identity");
  const credential = { kind, id };
  const peer: Peer = { identity, credential, expiresAt: Infinity, record, use };
  peers.set(record, peer);
  return { kind: "peer", peer };
}

function refused(why: string): Authenticated {
  return { kind: "refused", why: `the credential of a bot, a task or a runner: ${why}` };
}
