import type { HandlerContext } from "@connectrpc/connect";
import type { Inquiry } from "../../credentials/identifier.ts";
import type { Verdict } from "../../credentials/verdict.ts";
import { refreshInTime } from "../acl/consistency.ts";
import type { RpcDeps } from "../deps.ts";
import { beginCredentialCall, type CredentialCall } from "./begin-credential-call.ts";

/** Verdicts, in the order of the questions, and the call on whose snapshot all of them were made. */
export interface Judged {
  readonly call: CredentialCall;
  readonly verdicts: readonly Verdict[];
}

// Configurations do not change faster than that for long.
const maxRounds = 3;

/**
 * Judges the tokens of a call, all on one snapshot: the one that is current when the last one is judged. The peer is admitted again
 * whenever something was waited for, and fails as the gate does. A strict question is about the newest configuration, too.
 */
export async function judgeInquiries(
  deps: RpcDeps,
  context: HandlerContext,
  first: CredentialCall,
  inquiries: readonly Inquiry[],
): Promise<Judged> {
  const failure = inquiries.some(isStrict) ? await refreshInTime(deps) : undefined;
  let call = inquiries.some(isStrict) ? beginCredentialCall(deps, context) : first;
  for (let round = 1; ; round += 1) {
    const verdicts = judgeAll(call, inquiries, failure);
    if (!(verdicts instanceof Promise)) return { call, verdicts };
    const found = await verdicts;
    const { snapshot } = call;
    call = beginCredentialCall(deps, context);
    if (call.snapshot === snapshot || round === maxRounds) return { call, verdicts: found };
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
  failure: { readonly cause: unknown } | undefined,
): readonly Verdict[] | Promise<readonly Verdict[]> {
  const { identifier } = area;
  const found = inquiries.map((inquiry): Verdict | Promise<Verdict> => {
    if (failure !== undefined && isStrict(inquiry)) return { kind: "unavailable", ...failure };
    return (
      identifier.identifyNow(inquiry, snapshot) ?? identifier.identify(inquiry, () => snapshot)
    );
  });
  return found.every((one): one is Verdict => !(one instanceof Promise))
    ? found
    : Promise.all(found.map((one) => Promise.resolve(one)));
}
