import {
  clone,
  create,
  isMessage,
  type DescMessage,
  type DescMethod,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import type { ContextValues, Transport, UnaryResponse } from "@connectrpc/connect";
import { ConsistencySchema } from "../../gen/fleetgate/acl/v1/consistency_pb.ts";
import { reasonOf } from "../error-info.ts";
import { isDenied } from "../judge-error.ts";
import { revisionOf } from "../revision.ts";
import { isRead } from "./call-policy.ts";
import type { HeadersInit } from "./scope.ts";

/** A request as it goes out. */
interface Sent<I extends DescMessage> {
  readonly input: MessageInitShape<I>;
  /** The token that was remembered when it went out. */
  readonly remembered: string | undefined;
  /** Whether the answer cannot be older than that token. */
  readonly isAsFresh: boolean;
  /** Whether this session added the token to it. */
  readonly isAdded: boolean;
}

/**
 * Creates a transport that remembers one revision token, and sends it as `consistency.atLeastAsFresh` with
 * every request that can carry it and sets no consistency itself. So a call sees what calls that were
 * answered before it saw or wrote, at whichever replica. `deadlineMs` is for calls that bring no deadline.
 *
 * Tokens are opaque and cannot be compared. The token of a write always takes the place of the one that is
 * remembered. That of a read does so only when the read was at least as fresh and no other answer has
 * changed the token meanwhile: of reads at the same time the first one answered counts.
 */
export function createSessionTransport(transport: Transport, deadlineMs: number): Transport {
  let remembered: string | undefined;

  function learn(method: DescMethod, sent: Sent<DescMessage>, token: string | undefined): void {
    if (token === undefined) return;
    const mayReplace = sent.isAsFresh && sent.remembered === remembered;
    if (!isRead(method) || remembered === undefined || mayReplace) remembered = token;
  }

  async function unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: MessageInitShape<I>,
    contextValues?: ContextValues,
  ): Promise<UnaryResponse<I, O>> {
    const send = async (sent: Sent<I>, ms: number): Promise<UnaryResponse<I, O>> => {
      try {
        const answer = await transport.unary(method, signal, ms, header, sent.input, contextValues);
        learn(method, sent, revisionOf(answer.message));
        return answer;
      } catch (error) {
        // A denial is an answer. Another error has the token of a snapshot that could not answer.
        if (isDenied(error)) learn(method, sent, revisionOf(error));
        throw error;
      }
    };
    const wholeMs = timeoutMs ?? deadlineMs;
    const startedAt = performance.now();
    const sent = prepare(method.input, input, remembered);
    try {
      return await send(sent, wholeMs);
    } catch (error) {
      if (!sent.isAdded || reasonOf(error) !== "REVISION_TOKEN_FOREIGN") throw error;
      if (remembered === sent.remembered) remembered = undefined;
      const leftMs = wholeMs - (performance.now() - startedAt);
      if (wholeMs > 0 && leftMs <= 0) throw error;
      const bare: Sent<I> = { input, remembered, isAsFresh: false, isAdded: false };
      return send(bare, wholeMs > 0 ? leftMs : wholeMs);
    }
  }

  return { unary, stream: transport.stream.bind(transport) };
}

function prepare<I extends DescMessage>(
  schema: I,
  input: MessageInitShape<I>,
  token: string | undefined,
): Sent<I> {
  const canCarry = schema.fields.some(
    ({ localName, message }) =>
      localName === "consistency" && message?.typeName === ConsistencySchema.typeName,
  );
  const asked = canCarry ? requirementOf(input) : undefined;
  if (token === undefined || !canCarry || asked !== undefined) {
    return { input, remembered: token, isAsFresh: asked === "fullyConsistent", isAdded: false };
  }
  const message: MessageShape<I> = isMessage(input, schema)
    ? clone(schema, input)
    : create(schema, input);
  const consistency = create(ConsistencySchema, {
    requirement: { case: "atLeastAsFresh", value: token },
  });
  const carrying = Object.assign(message, { consistency }) as MessageInitShape<I>;
  return { input: carrying, remembered: token, isAsFresh: true, isAdded: true };
}

function requirementOf(input: object): string | undefined {
  const { consistency } = input as {
    readonly consistency?: MessageInitShape<typeof ConsistencySchema>;
  };
  return consistency?.requirement?.case;
}
