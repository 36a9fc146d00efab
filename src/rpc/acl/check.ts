import type { Decision } from "../../engine/decision.ts";
import type { Question } from "../../engine/delegation.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import type { Identity } from "../../domain/identity.ts";
import { invalidField } from "../../domain/errors.ts";
import { botId, poolName, type NameRule } from "../../domain/names.ts";

/** What a request says about its caller. */
export interface CallerText {
  /** The field that names the caller. */
  readonly field: "caller" | "service_account";
  /** An identity, well-formed or not; empty: the peer. */
  readonly identity: string;
}

/** The pools that a filter keeps. */
export interface Kept {
  readonly permitted: true;
  readonly pools: readonly string[];
}

/**
 * One kind of check, made of the parts that every kind has, in the order in which they are used. What it comes to is a
 * decision or what takes the place of one.
 */
export interface AclCheck<Request, Outcome = Decision | Kept> {
  /** Whose permission is checked. */
  readonly caller: (request: Request) => CallerText;
  /** The permission that is checked, well-formed or not. */
  readonly permission: (request: Request) => string;
  /**
   * What the request names, for the on-behalf rule, which comes before the names are known to be
   * well-formed. A malformed name counts as one that nobody has.
   */
  readonly question: (request: Request) => Question;
  /** Throws INVALID_FIELD for the first malformed field, the caller apart. */
  readonly validate: (request: Request) => void;
  /** The assertion about the caller; empty: none. */
  readonly assertion: (request: Request) => string;
  /** The answer no; of a filter, that it keeps nothing. The same as when the check says it. The request is valid. */
  readonly denied: (caller: Identity, request: Request) => Outcome;
  /** The check. The request is valid, but for what the check itself refuses with INVALID_FIELD. */
  readonly decide: (snapshot: Snapshot, caller: Identity, request: Request) => Outcome;
}

/** The assertion of a request that has a field for it. */
export function assertionOf({ callerAssertion }: { readonly callerAssertion: string }): string {
  return callerAssertion;
}

const none: readonly string[] = Object.freeze([]);

/** A question about a permission, and of what else there is the parts given. */
export function questionAbout(permission: string, parts: Partial<Question> = {}): Question {
  return { permission, pools: none, bots: none, realms: none, ...parts };
}

/** A name that no pool can have: in a question, a pool that is in no realm. */
export const unknownPool = "";

/** What a question names when it names pools. A malformed name is an unknown pool, whatever it says. */
export function poolsInQuestion(pools: readonly string[]): Partial<Question> {
  if (pools.every(poolName.test)) return { pools };
  return { pools: pools.map((pool) => (poolName.test(pool) ? pool : unknownPool)) };
}

/** The question of every day, about one pool; as poolsInQuestion. */
export function poolQuestion(permission: string, pool: string): Question {
  const pools = [poolName.test(pool) ? pool : unknownPool];
  return { permission, pools, bots: none, realms: none };
}

/** What a question names when it names bots. A malformed id is in an unknown pool, as it were. */
export function botsInQuestion(bots: readonly string[]): Partial<Question> {
  return poolsAndBotsInQuestion(none, bots);
}

/** What a question names when it names pools and bots. */
export function poolsAndBotsInQuestion(
  pools: readonly string[],
  bots: readonly string[],
): Partial<Question> {
  if (bots.every(botId.test)) return { bots, ...poolsInQuestion(pools) };
  return { bots: bots.filter(botId.test), ...poolsInQuestion([...pools, unknownPool]) };
}

/** Throws INVALID_FIELD unless the name is good. */
export function requireName(field: string, text: string, rule: NameRule): void {
  if (!rule.test(text)) throw invalidField(field, rule.rule);
}
