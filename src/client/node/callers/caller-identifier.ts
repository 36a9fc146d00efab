import { createHash } from "node:crypto";
import { durationMs, type Duration } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  Freshness,
  type IdentifyCallerResponse,
} from "../../../gen/fleetgate/credential/v1/caller_service_pb.ts";
import type { CallerInfo } from "../../../gen/fleetgate/credential/v1/subject_pb.ts";
import type { Clients } from "../../clients.ts";
import { emitWarning, guardWarnings, type OnWarning } from "../warnings.ts";
import { createCallerCache, type CachedAnswer } from "./caller-cache.ts";
import { createWatchFreshness } from "./freshness.ts";
import { watchRevocations, type Watch } from "./watch-revocations.ts";

/** How a service identifies who shows it tokens. */
export interface CallerIdentifierOptions {
  /** The name of the service, as tokens may list it: 1 to 64 of `a-z 0-9 . _ -`. */
  readonly audience: string;
  /** How many answers are remembered at most: 0 to 1,000,000; 10,000 unless set. */
  readonly maxEntries?: number | undefined;
  /**
   * Whether revocations are watched, so that answers are remembered for up to 30 seconds instead of 2; true unless set. The stream
   * stays open until `close`.
   */
  readonly watch?: boolean | undefined;
  /** Is told when the watch breaks; `process.emitWarning` unless set. */
  readonly onWarning?: OnWarning | undefined;
}

/** What is asked about a token besides whose it is. */
export interface CallerQuestion {
  /** A permission that the caller must have. */
  readonly wantPermission?: string | undefined;
  /** Whose the token must be, `bot:...` or `task:...`. */
  readonly targetSubject?: string | undefined;
  /** Asks the server, which reads its database: for deeds that cannot be undone. */
  readonly strict?: boolean | undefined;
}

/** Who showed a token. */
export interface IdentifiedCaller {
  readonly caller: CallerInfo;
  /** Proves for some seconds that this service identified the caller; for AclService and UrlService. May be empty. */
  readonly assertion: string;
}

/** Identifies who shows tokens, and remembers answers no longer than Fleetgate permits. */
export interface CallerIdentifier extends AsyncDisposable {
  /**
   * Tells whose the token is. Throws what IdentifyCaller throws: see `isShownCredentialRefused`, `isShownCredentialForbidden`
   * and `taskStopSignal`; anything else could not be checked and is no refusal. Errors are not remembered.
   */
  readonly identify: (token: string, question?: CallerQuestion) => Promise<IdentifiedCaller>;
  /** Ends the watch and forgets everything. */
  readonly close: () => Promise<void>;
}

/** However fast an answer came, it may tell of the database as it was so much earlier. */
const boundedMs = 2000;

/**
 * Creates an identifier for a service. It remembers by the SHA-256 of token and question, never the token; asks once however many
 * want the same at a time; drops what the watch of revocations names, and everything when that tells of another configuration.
 */
export function createCallerIdentifier(
  fleetgate: Pick<Clients, "callers">,
  options: CallerIdentifierOptions,
): CallerIdentifier {
  const { audience } = options;
  const cache = createCallerCache(checkedEntries(options.maxEntries ?? 10_000));
  const freshness = createWatchFreshness();
  const flights = new Map<string, Promise<IdentifyCallerResponse>>();
  let chainSince = Infinity;
  /** The revision token that the watch told last. */
  let configuration: string | undefined;
  let isClosed = false;
  const watch = options.watch === false ? undefined : openWatch();

  function openWatch(): Watch {
    const onWarning = guardWarnings(options.onWarning ?? emitWarning);
    let isSaid = false;
    return watchRevocations(fleetgate.callers, {
      began: (now) => {
        // What was asked before may know nothing of what was told before.
        cache.clear();
        chainSince = now;
      },
      told: (now, completeAt, { revocations, revisionToken }) => {
        if (revisionToken !== configuration) {
          // Who may do what is another thing now; and of realms that were closed to this service, it was told nothing before.
          cache.clear();
          chainSince = now;
          configuration = revisionToken;
        }
        for (const { subjectUid, version } of revocations) cache.revoke(subjectUid, version);
        freshness.told(now, completeAt);
        isSaid = false;
      },
      broke: (error) => {
        freshness.broke();
        if (isSaid || error === undefined) return;
        isSaid = true;
        const why = error instanceof ConnectError ? Code[error.code] : "unknown";
        onWarning(`revocations are not watched (${why}): callers are remembered for 2 s only`);
      },
    });
  }

  function isLive(answer: CachedAnswer, now: number): boolean {
    if (!freshness.isFresh(now)) return now < answer.until;
    // Of a replica that is behind, or ahead of the one that is watched: until they agree, each question is asked.
    if (answer.response.revisionToken !== configuration) return false;
    if (now < answer.until) return true;
    return answer.askedAt - boundedMs >= chainSince && now < answer.untilWatching;
  }

  async function ask(
    key: string,
    token: string,
    question: CallerQuestion,
  ): Promise<IdentifyCallerResponse> {
    const askedAt = performance.now();
    const before = configuration;
    let isStrict = question.strict;
    try {
      const response = await fleetgate.callers.identifyCaller({
        ...{ token, audience },
        wantPermission: question.wantPermission ?? "",
        targetSubject: question.targetSubject ?? "",
        freshness: question.strict === true ? Freshness.STRICT : Freshness.BOUNDED,
      });
      const until = askedAt + lifeOf(response.cacheFor);
      const untilWatching = Math.max(until, askedAt + lifeOf(response.cacheForWatching));
      const isCurrent = isClosed || cache.put(key, { response, askedAt, until, untilWatching });
      if (question.strict === true) return response;
      // The watch was told of something newer while the answer was on its way.
      const isOvertaken = configuration !== before && response.revisionToken !== configuration;
      if (isCurrent && !isOvertaken) return response;
      isStrict = !isCurrent;
    } catch (error) {
      cache.drop(key);
      throw error;
    }
    return ask(key, token, { ...question, strict: isStrict });
  }

  async function identify(token: string, question: CallerQuestion = {}): Promise<IdentifiedCaller> {
    if (isClosed) throw new ConnectError("the identifier is closed", Code.Canceled);
    const key = keyOf(token, question);
    if (question.strict === true) return toIdentified(await ask(key, token, question));
    const known = cache.get(key);
    if (known !== undefined && isLive(known, performance.now()))
      return toIdentified(known.response);
    const flight = flights.get(key) ?? takeOff(key, ask(key, token, question));
    return toIdentified(await flight);
  }

  function takeOff(
    key: string,
    flight: Promise<IdentifyCallerResponse>,
  ): Promise<IdentifyCallerResponse> {
    flights.set(key, flight);
    const land = (): void => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    flight.then(land, land);
    return flight;
  }

  const close = (): Promise<void> => {
    isClosed = true;
    watch?.close();
    cache.clear();
    return Promise.resolve();
  };
  return { identify, close, [Symbol.asyncDispose]: close };
}

function toIdentified({ caller, assertion }: IdentifyCallerResponse): IdentifiedCaller {
  // What is cut off in a proxy reads as a message without a field.
  if (caller === undefined || caller.identity === "") {
    throw new ConnectError("the answer names no caller", Code.Unavailable);
  }
  return { caller, assertion };
}

function keyOf(token: string, { wantPermission = "", targetSubject = "" }: CallerQuestion): string {
  // Each part is followed by what no part can hold unescaped.
  const text = JSON.stringify([token, wantPermission, targetSubject]);
  return createHash("sha256").update(text).digest("base64");
}

function lifeOf(duration: Duration | undefined): number {
  return duration === undefined ? 0 : Math.max(0, durationMs(duration));
}

function checkedEntries(entries: number): number {
  if (Number.isInteger(entries) && entries >= 0 && entries <= 1_000_000) return entries;
  throw new TypeError(
    "createCallerIdentifier: maxEntries: it must be a whole number from 0 to 1000000",
  );
}
