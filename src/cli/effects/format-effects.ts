import { quote } from "../../domain/quote.ts";
import {
  Effect_Kind,
  type Effect,
  type EffectCount,
  type Effects,
} from "../../gen/fleetgate/admin/v1/effects_pb.ts";
import { formatWitnessLine } from "../explain/format-witness.ts";
import { formatPlace } from "../format-place.ts";
import { counted, plain, toColumns } from "../print.ts";

/** The lines for what a change does to who may do what: the counts first, then one line a principal and place. */
export function formatEffects(effects: Effects): readonly string[] {
  const rows = effects.effects.toSorted(comparePlaces).map(toRow);
  return [formatEffectCounts(effects), ...toColumns(rows)];
}

/** `gained: 12 identities, 1 glob · lost: 0`. */
export function formatEffectCounts({ gained, lost }: Effects): string {
  return `gained: ${formatCount(gained)} · lost: ${formatCount(lost)}`;
}

function formatCount(count: EffectCount | undefined): string {
  const { identities = 0n, globs = 0n } = count ?? {};
  const parts = [
    ...(identities === 0n ? [] : [countIdentities(identities)]),
    ...(globs === 0n ? [] : [counted(Number(globs), "glob")]),
  ];
  return parts.length === 0 ? "0" : parts.join(", ");
}

function countIdentities(count: bigint): string {
  return count === 1n ? "1 identity" : `${count} identities`;
}

const placeOrder = ["server", "realm", "pool", undefined] as const;

/** By place: the server level, realms, pools. The order of the answer stays among those of one place. */
function comparePlaces({ place: left }: Effect, { place: right }: Effect): number {
  const order = placeOrder.indexOf(left.case) - placeOrder.indexOf(right.case);
  if (order !== 0) return order;
  const [first, second] = [String(left.value), String(right.value)];
  return first === second ? 0 : first < second ? -1 : 1;
}

function toRow(effect: Effect): readonly string[] {
  const { kind, principal, witness } = effect;
  const sign = kind === Effect_Kind.GAINED ? "+" : kind === Effect_Kind.LOST ? "-" : "?";
  const via = witness === undefined ? "" : formatWitnessLine(witness, principal.value ?? "");
  return [
    `${sign} ${formatPrincipal(effect)}`,
    formatPlace(effect.place),
    formatPermissions(effect.permissions),
    via === "" ? "" : `via ${via}`,
  ];
}

function formatPrincipal({ principal, groupIdentities }: Effect): string {
  switch (principal.case) {
    case "identity":
      return plain(principal.value);
    case "group":
      return `every member of ${quote(principal.value)} (${countIdentities(groupIdentities)})`;
    case "glob":
      return `glob ${plain(principal.value)}`;
    default:
      return "somebody that this release does not know";
  }
}

/** The first permission, which is the one that the witness is of, and how many there are. */
function formatPermissions([first = "", ...others]: readonly string[]): string {
  if (others.length === 0) return plain(first);
  return `${plain(first)}, … (${counted(others.length + 1, "permission")})`;
}
