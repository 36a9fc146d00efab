import { setTimeout as sleep } from "node:timers/promises";
import type { DescMessage, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextValues,
  type Transport,
  type UnaryResponse,
} from "@connectrpc/connect";
import { reasonOf, retryDelayOf } from "../error-info.ts";
import { isConstantInternal } from "../judge-error.ts";
import { isAnswer, isQuick, isRepeatable } from "./call-policy.ts";
import type { Credential } from "./credential.ts";
import type { EndpointPool } from "./endpoint-pool.ts";
import type { Endpoint } from "./endpoint.ts";
import { nameLostConnection } from "./lost-connection.ts";
import { createStreaming } from "./streaming.ts";
import { openScope, within, type HeadersInit, type Scope } from "./scope.ts";

/** What the transport works with. Times are in milliseconds. */
export interface FailoverOptions {
  readonly pool: EndpointPool<Endpoint>;
  readonly credential: Credential;
  /** The deadline of a call that brings none of its own. */
  readonly deadlineMs: number;
  /** How often each endpoint is tried at most. */
  readonly rounds: number;
  /** The longest pause before the second round when no server says when to come back; doubled for each further one. */
  readonly delayMs: number;
  /** Aborted when the client is closed. */
  readonly closed: AbortSignal;
  /** From 0 to 1. */
  readonly random: () => number;
}

interface Call<I extends DescMessage, O extends DescMessage> {
  readonly method: DescMethodUnary<I, O>;
  readonly header: HeadersInit | undefined;
  readonly input: MessageInitShape<I>;
  readonly contextValues: ContextValues | undefined;
  readonly scope: Scope;
}

/**
 * Creates a transport that makes a call at the endpoint in use, and, when that cannot answer, at the next
 * ones, in rounds, within one deadline. Calls that must not be repeated are made once.
 */
export function createFailoverTransport(options: FailoverOptions): Transport {
  return {
    unary: async (
      method,
      signal,
      timeoutMs,
      header: HeadersInit | undefined,
      input,
      contextValues,
    ) => {
      const scope = openScope(options.closed, signal, toDeadline(timeoutMs ?? options.deadlineMs));
      try {
        return await callInRounds(options, { method, header, input, contextValues, scope });
      } finally {
        scope.end();
      }
    },
    stream: createStreaming(options),
  };
}

async function callInRounds<I extends DescMessage, O extends DescMessage>(
  options: FailoverOptions,
  call: Call<I, O>,
): Promise<UnaryResponse<I, O>> {
  const { pool, rounds } = options;
  const { method, scope } = call;
  const isOnce = !isRepeatable(method, call.input);
  let failure: ConnectError | undefined;
  for (let round = 1; round <= rounds; round += 1) {
    if (failure !== undefined && !(await pause(options, scope, failure, round))) break;
    const order = pool.order();
    for (const [index, endpoint] of order.entries()) {
      if (failure !== undefined && scope.leftMs() <= 0) throw failure;
      // Who never answers must leave time for the others.
      const share = isQuick(method) ? order.length - index : 1;
      try {
        const answer = await callEndpoint(options, call, endpoint, share);
        refuseEmpty(answer, endpoint);
        pool.succeeded(endpoint);
        return answer;
      } catch (thrown) {
        const error = judge(thrown, endpoint, scope, share > 1);
        if (error === undefined) {
          verify(pool, endpoint);
          throw failure ?? new ConnectError("the operation timed out", Code.DeadlineExceeded);
        }
        if (isClosedGate(error)) {
          // All replicas say so, and nothing was done: there is nobody else to ask, and nothing to fear of a repeat.
          failure = error;
          break;
        }
        if (error.code !== Code.Unavailable && !isConstantInternal(error)) throw error;
        pool.failed(endpoint);
        if (error.cause === sliceOver) verify(pool, endpoint);
        if (isOnce) throw error;
        failure = moreTelling(failure, error);
      }
    }
  }
  throw failure ?? new ConnectError("no endpoint was tried", Code.Unavailable);
}

function refuseEmpty<I extends DescMessage, O extends DescMessage>(
  { method, message }: UnaryResponse<I, O>,
  { origin }: Endpoint,
): void {
  if (isAnswer(method, message)) return;
  throw new ConnectError(`${origin} answered without a decision`, Code.Unavailable);
}

/** However long a server asks for. */
const longestPauseMs = 60_000;

/** The same of a closed gate: as long as one stays closed by itself. */
const longestGateMs = 10 * 60_000;

const sliceOver = new Error("the share of the deadline is over");

/** What a failed attempt came to; undefined: the deadline is over. Throws when somebody aborted the call. */
function judge(
  thrown: unknown,
  endpoint: Endpoint,
  scope: Scope,
  isShare: boolean,
): ConnectError | undefined {
  const error = ConnectError.from(thrown);
  const isTimeout = error.code === Code.DeadlineExceeded && reasonOf(error) === undefined;
  if (scope.isOver() || (isTimeout && !isShare)) return undefined;
  const aborted = scope.aborted();
  if (aborted !== undefined) throw toConnectError(aborted.reason);
  if (!isTimeout) return nameLostConnection(error, endpoint.origin);
  const message = `no answer from ${endpoint.origin} in time`;
  return new ConnectError(message, Code.Unavailable, undefined, undefined, sliceOver);
}

/** The newer error, unless only the older one is an answer of Fleetgate. */
function moreTelling(older: ConnectError | undefined, newer: ConnectError): ConnectError {
  if (older === undefined || reasonOf(newer) !== undefined) return newer;
  return reasonOf(older) === undefined ? newer : older;
}

/** Waits before a further round; false: there is no time for it. */
async function pause(
  { random, delayMs }: FailoverOptions,
  scope: Scope,
  failure: ConnectError,
  round: number,
): Promise<boolean> {
  const asked = retryDelayOf(failure);
  const ms =
    asked === undefined ? random() * delayMs * 2 ** (round - 2) : toPause(failure, asked, random);
  if (ms >= scope.leftMs()) return false;
  try {
    await sleep(ms, undefined, { signal: scope.signal() });
    return true;
  } catch {
    if (scope.isOver()) return false;
    throw toConnectError(scope.signal().reason);
  }
}

function toPause(failure: ConnectError, askedMs: number, random: () => number): number {
  // Each answer asks for another time already.
  if (isClosedGate(failure)) return Math.min(askedMs, longestGateMs);
  // Spread over as long again, so that the clients of a server do not come back all at once.
  return Math.min(askedMs, longestPauseMs) * (1 + random());
}

/** Whether an operator keeps the method closed for a while, at all replicas. */
function isClosedGate(error: ConnectError): boolean {
  return error.code === Code.ResourceExhausted && reasonOf(error) === "GATE_CLOSED";
}

async function callEndpoint<I extends DescMessage, O extends DescMessage>(
  { credential }: FailoverOptions,
  call: Call<I, O>,
  endpoint: Endpoint,
  share: number,
): Promise<UnaryResponse<I, O>> {
  const { scope } = call;
  // Once the client is closed no connection is opened, and nobody is asked for a key in vain.
  scope.aborted()?.throwIfAborted();
  const header = call.header === undefined ? undefined : new Headers(call.header);
  const send = (token: string | undefined): Promise<UnaryResponse<I, O>> => {
    scope.aborted()?.throwIfAborted();
    return endpoint.attempt({
      ...call,
      header,
      token,
      timeoutMs: toWholeMs(scope.leftMs() / share),
    });
  };
  // Whoever brings a credential of their own means it.
  if (header?.has("authorization") === true) return send(undefined);
  const asked = credential.current();
  const token = asked instanceof Promise ? await within(scope.signal(), asked) : asked;
  if (token === undefined) return send(undefined);
  try {
    return await send(token);
  } catch (error) {
    if (!isRefusedCredential(error)) throw error;
    const renewed = await within(scope.signal(), credential.renew(token));
    if (renewed === undefined || renewed === token) throw error;
    return send(renewed);
  }
}

/** The reason is read only where it can be: a denial is answered often. */
function isRefusedCredential(error: unknown): boolean {
  return (
    error instanceof ConnectError &&
    error.code === Code.Unauthenticated &&
    reasonOf(error) === "CREDENTIAL_REQUIRED"
  );
}

/** What is left for an attempt; less than a millisecond is none. */
function toWholeMs(ms: number): number | undefined {
  return ms === Infinity ? undefined : Math.max(1, Math.round(ms));
}

/** Finds out in the background whether who did not answer is still there. */
function verify(pool: EndpointPool<Endpoint>, endpoint: Endpoint): void {
  void endpoint.session.verify().then((lives) => {
    if (!lives) pool.failed(endpoint);
  });
}

/** As connect has it: 0 or less is no deadline. */
function toDeadline(timeoutMs: number): number | undefined {
  return timeoutMs <= 0 ? undefined : Math.min(timeoutMs, 0x7fffffff);
}

/** Why the call was aborted. */
function toConnectError(thrown: unknown): ConnectError {
  return ConnectError.from(thrown, Code.Canceled);
}
