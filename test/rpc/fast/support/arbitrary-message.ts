import {
  create,
  ScalarType,
  type DescField,
  type DescMessage,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import * as fc from "fast-check";

/** Any message of a type, in plain values. Of the types that the fast path knows, which nest in few others. */
export function arbitraryMessage(
  schema: DescMessage,
): fc.Arbitrary<MessageInitShape<DescMessage> & object> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of schema.fields) {
    if (field.oneof === undefined) fields[field.localName] = arbitraryField(field);
  }
  for (const oneof of schema.oneofs) {
    fields[oneof.localName] = fc.oneof(
      fc.constant({ case: undefined }),
      ...oneof.fields.map((field) =>
        fc.record({ case: fc.constant(field.localName), value: arbitraryField(field) }),
      ),
    );
  }
  return fc.record(fields).map((init) => create(schema, init));
}

function arbitraryField(field: DescField): fc.Arbitrary<unknown> {
  const value = arbitraryValue(field);
  if (field.fieldKind === "list") return fc.array(value, { maxLength: 3 });
  return field.message === undefined || field.oneof !== undefined
    ? value
    : fc.option(value, { nil: undefined });
}

function arbitraryValue(field: DescField): fc.Arbitrary<unknown> {
  if (field.message !== undefined) return arbitraryMessage(field.message);
  const { scalar } = field as { readonly scalar?: ScalarType };
  switch (scalar) {
    case ScalarType.STRING:
      return fc.oneof(
        // What comes again and again, and what differs from it in one place.
        fc.constantFrom(
          "user:amy@example.com",
          "user:amy@example.co\u0080",
          "user:bmy@example.com",
        ),
        fc.string({ maxLength: 300 }),
        fc.string({ unit: "binary", maxLength: 9 }).map((text) => text.toWellFormed()),
      );
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 300 });
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.INT64:
      return fc.bigInt({ min: -5n, max: 2n ** 63n - 1n });
    case ScalarType.UINT32:
      return fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 2 ** 32 - 1 }));
    default:
      // Of enums, too: a client may be newer than the contract here.
      return fc.oneof(fc.nat({ max: 300 }), fc.integer());
  }
}
