import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { createClientMethodSerializers } from "@connectrpc/connect/protocol";

/** What is the same for every call of a method. */
export interface MethodCodec<I extends DescMessage, O extends DescMessage> {
  /** Begins with a slash. */
  readonly path: string;
  /** Throws INTERNAL for what cannot be written. */
  readonly encode: (input: MessageInitShape<I>) => Uint8Array;
  /** Throws INTERNAL for what is no such message. */
  readonly decode: (bytes: Uint8Array) => MessageShape<O>;
}

const codecs = new WeakMap<object, MethodCodec<DescMessage, DescMessage>>();

/** The codec of a method, made once. */
export function codecOf<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
): MethodCodec<I, O> {
  const known = codecs.get(method);
  if (known !== undefined) return known;
  const { serialize, parse } = createClientMethodSerializers(method, true);
  const codec: MethodCodec<I, O> = {
    path: `/${method.parent.typeName}/${method.name}`,
    encode: (input) => serialize(create(method.input, input)),
    decode: parse,
  };
  codecs.set(method, codec);
  return codec;
}
