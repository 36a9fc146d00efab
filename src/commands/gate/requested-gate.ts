import type { GateArea } from "../../domain/credential/gate-areas.ts";
import { invalidField } from "../../domain/errors.ts";
import type { GateName } from "../../storage/credential/gates.ts";
import { requestedLifetime, type Lifetimes } from "../credential/fields.ts";

/** Which lease a request is about. */
export interface GateNameInput {
  /** Undefined: the request says none that there is. */
  readonly area: GateArea | undefined;
  readonly holder: string;
}

const holderRule = 'must be 1 to 128 of "0-9 A-Z a-z _ - . : @ /"';
const holderName = /^[0-9A-Za-z_.:@/-]{1,128}$/;

/** The lease that a request names. Fails with INVALID_FIELD (`area`, `holder`). */
export function requestedGate({ area, holder }: GateNameInput): GateName {
  if (area === undefined) throw invalidField("area", "must be ISSUE, FLEET or ALL");
  if (!holderName.test(holder)) throw invalidField("holder", holderRule);
  return { area, holder };
}

/** For how long a gate is held without being renewed. */
export const gateLeases: Lifetimes = {
  ...{ min: 10_000, max: 600_000, usual: 60_000 },
  words: "10 seconds to 10 minutes",
};

/** For how many milliseconds a request wants a lease. Fails with INVALID_FIELD (`lease`). */
export function requestedLease(wantedMs: number | undefined): number {
  return requestedLifetime("lease", wantedMs, gateLeases);
}
