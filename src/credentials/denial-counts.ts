import type { AuditActor, NewAuditEvent } from "../storage/credential/audit.ts";
import type { ClaimRefusal } from "../domain/credential/claim-states.ts";
import { networkOf } from "../domain/network.ts";
import type { Denial, ShownBy } from "./bookkeeping.ts";
import type { AssertionVerdict } from "./assertion.ts";
import { outcomeOf, recordOf, type SignedKind } from "./decision-counts.ts";
import type { GrantVerdict } from "./url-grant.ts";

/** How many different denials are told apart between two writes: of credentials whose secret was right, and of all others. */
export const maxDenials = 500;

/** How many of the latter are told apart of one source (see networkOf), so that one cannot use up the place of all. */
export const maxDenialsOfSource = 50;

/** Counts denials, each as the audit event that it is written as. */
export interface DenialCounts {
  readonly add: (event: NewAuditEvent) => void;
  /** Takes what was counted, and begins anew. */
  readonly take: () => readonly NewAuditEvent[];
}

/** Creates a count that has none. What is beyond its bounds is counted by its source, and beyond these as `other`. */
export function createDenialCounts(): DenialCounts {
  const known = createTable(maxDenials);
  const strange = createTable(maxDenials);
  const sources = createTable(maxDenials);
  const rest = createTable(1);
  const perSource = new Map<string, number>();

  return {
    add(event) {
      if (isProven(event)) {
        if (!known.add(event)) rest.add(nameless(event));
        return;
      }
      const source = networkOf(event.actor.source);
      const ofSource = perSource.get(source) ?? 0;
      if (strange.has(event)) strange.add(event);
      else if (ofSource < maxDenialsOfSource && strange.add(event)) {
        perSource.set(source, ofSource + 1);
      } else if (!sources.add(ofSourceOnly(event))) rest.add(nameless(event));
    },
    take() {
      perSource.clear();
      return [known, strange, sources, rest].flatMap((table) => table.take());
    },
  };
}

// Whoever guesses at a claim of a job writes into what its opener is told, but takes the place of nobody who had a secret.
function isProven({ realm, reason }: NewAuditEvent): boolean {
  return realm !== undefined && reason !== guessed;
}

const guessed: ClaimRefusal = "wrong_secret";

/** The audit event of a denial; undefined: nothing was denied, nobody could tell. */
export function denialEvent({
  verdict,
  credentialId,
  source,
  caller,
}: Denial): NewAuditEvent | undefined {
  if (verdict.kind === "unavailable") return undefined;
  const record = recordOf(verdict);
  const subject = record?.subject;
  const { reason } = outcomeOf(verdict);
  return {
    // Whoever shows what was rotated, after its grace, has kept a copy: that is worth an alarm.
    event: reason === "rotated" ? "stale_token_reuse" : "denied",
    actor: { caller, source, requestId: "" },
    credentialId: record?.id ?? credentialId,
    // Of whom it is is told only of who had the secret: nobody else may write into the history of a subject.
    identity: subject && `${subject.kind}:${subject.id}`,
    realm: subject?.realm,
    reason,
  };
}

/** The same of a signed URL. */
export function grantDenialEvent(verdict: GrantVerdict, by: AuditActor): NewAuditEvent | undefined {
  if (verdict.kind !== "refused") return undefined;
  const { why, grant } = verdict;
  const of = { identity: grant?.task?.identity, realm: grant?.realm };
  return signedDenial("url", why, by, of);
}

/** The same of an assertion about a caller. */
export function assertionDenialEvent(
  verdict: AssertionVerdict,
  by: ShownBy,
): NewAuditEvent | undefined {
  if (verdict.kind !== "refused") return undefined;
  const { why, assertion } = verdict;
  const { credentialId, caller: identity, realm } = assertion ?? {};
  return signedDenial("assertion", why, by, { credentialId, identity, realm });
}

function signedDenial(
  shown: SignedKind,
  reason: string,
  { caller, source }: ShownBy,
  of: Pick<NewAuditEvent, "credentialId" | "identity" | "realm">,
): NewAuditEvent {
  const actor = { caller, source, requestId: "" };
  return { event: "denied", actor, ...of, reason, detail: { shown } };
}

function ofSourceOnly({ actor }: NewAuditEvent): NewAuditEvent {
  const source = networkOf(actor.source);
  return { event: "denied", actor: { ...actor, source, caller: "" }, reason: "other" };
}

function nameless(event: NewAuditEvent): NewAuditEvent {
  return { ...ofSourceOnly(event), actor: { caller: "", source: "", requestId: "" } };
}

interface Table {
  readonly has: (event: NewAuditEvent) => boolean;
  /** False: it is full, and has none like this. */
  readonly add: (event: NewAuditEvent) => boolean;
  readonly take: () => readonly NewAuditEvent[];
}

function createTable(size: number): Table {
  let rows = new Map<string, { readonly event: NewAuditEvent; count: number }>();
  return {
    has: (event) => rows.has(keyOf(event)),
    add(event) {
      const key = keyOf(event);
      const row = rows.get(key);
      if (row === undefined && rows.size >= size) return false;
      if (row === undefined) rows.set(key, { event, count: event.count ?? 1 });
      else row.count += event.count ?? 1;
      return true;
    },
    take() {
      const taken = [...rows.values()].map(({ event, count }) => ({ ...event, count }));
      rows = new Map();
      return taken;
    },
  };
}

function keyOf(event: NewAuditEvent): string {
  const { event: name, reason, credentialId, identity, realm, actor, detail } = event;
  return JSON.stringify([name, reason, credentialId, identity, realm, actor, detail]);
}
