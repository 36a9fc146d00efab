import type { HandlerContext } from "@connectrpc/connect";
import { recordOf } from "../../credentials/decision-counts.ts";
import type { Inquiry } from "../../credentials/identifier.ts";
import type { Verdict } from "../../credentials/verdict.ts";
import { refreshInTime } from "../acl/consistency.ts";
import type { RpcDeps } from "../deps.ts";
import { beginCredentialCall, type CredentialCall } from "./begin-credential-call.ts";

/** Verdicts, in the order of the questions, and the call whose configuration all of them are about. */
export interface Judged {
  readonly call: CredentialCall;
  readonly verdicts: readonly Verdict[];
}

// Configurations do not change faster than that for long.
const maxRounds = 3;

/**
 * Judges the tokens of a call, all on one configuration: the one that is current when the last one is judged. The peer is admitted
 * again whenever something was waited for, and fails as the gate does. A strict question is about the newest configuration, too.
 */
export async function judgeInquiries(
  deps: RpcDeps,
  context: HandlerContext,
  first: CredentialCall,
  inquiries: readonly Inquiry[],
): Promise<Judged> {
  const failure = inquiries.some(isStrict) ? await refreshInTime(deps) : undefined;
  let call = inquiries.some(isStrict) ? beginCredentialCall(deps, context) : first;
  let before: readonly Verdict[] = [];
  for (let round = 1; ; round += 1) {
    const verdicts = judgeAll(call, inquiries, before, failure);
    if (!(verdicts instanceof Promise)) return { call, verdicts };
    before = await verdicts;
    const { authDb } = call.snapshot;
    call = beginCredentialCall(deps, context);
    // Realms and groups are another version of it whenever they change; of nothing else in a snapshot does a verdict speak.
    if (call.snapshot.authDb === authDb) return { call, verdicts: before };
    if (round === maxRounds) return { call, verdicts: judgeNow(call, inquiries, before) };
  }
}

/** Whether a question is about the newest there is, so that the database has to be asked. */
export function isStrict({ freshness }: Inquiry): boolean {
  return freshness === "strict";
}

// A promise only when something has to be waited for.
function judgeAll(
  { area, snapshot }: CredentialCall,
  inquiries: readonly Inquiry[],
  before: readonly Verdict[],
  failure: { readonly cause: unknown } | undefined,
): readonly Verdict[] | Promise<readonly Verdict[]> {
  const { identifier } = area;
  const found = inquiries.map((inquiry, index): Verdict | Promise<Verdict> => {
    if (failure !== undefined && isStrict(inquiry)) return { kind: "unavailable", ...failure };
    return (
      lastingOf(before[index]) ??
      identifier.identifyNow(inquiry, snapshot) ??
      identifier.identify(inquiry, () => snapshot)
    );
  });
  return found.every((one): one is Verdict => !(one instanceof Promise))
    ? found
    : Promise.all(found.map((one) => Promise.resolve(one)));
}

/**
 * The verdicts that take no time, for who has waited long enough. What was judged on an older configuration is not said under a newer
 * one.
 */
function judgeNow(
  { area: { identifier }, snapshot }: CredentialCall,
  inquiries: readonly Inquiry[],
  before: readonly Verdict[],
): readonly Verdict[] {
  return inquiries.map(
    (inquiry, index) =>
      lastingOf(before[index]) ?? identifier.identifyNow(inquiry, snapshot) ?? changesTooOften,
  );
}

const changesTooOften: Verdict = {
  kind: "unavailable",
  cause: "the configuration changed whenever the token was judged",
};

/** The verdict, if no configuration makes it another one: that of a token without the right secret is paid for, and only once. */
function lastingOf(verdict: Verdict | undefined): Verdict | undefined {
  return verdict !== undefined && recordOf(verdict) === undefined ? verdict : undefined;
}
