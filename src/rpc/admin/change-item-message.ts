import type { MessageInitShape } from "@bufbuild/protobuf";
import type { EntityChange } from "../../domain/entity.ts";
import { diffFields, type FieldDiff } from "../../domain/field-diff.ts";
import {
  ChangeItem_Op,
  type ChangeItemSchema,
  type FieldDiffSchema,
} from "../../gen/fleetgate/admin/v1/change_item_pb.ts";

/** What a change does to one entity, as the contract has it. */
export function toChangeItem(change: EntityChange): MessageInitShape<typeof ChangeItemSchema> {
  const { kind, key } = change;
  return { kind, key, op: opOf(change), fields: diffFields(change).map(toFieldDiff) };
}

function opOf({ before, after }: EntityChange): ChangeItem_Op {
  if (before === undefined) return ChangeItem_Op.CREATE;
  return after === undefined ? ChangeItem_Op.DELETE : ChangeItem_Op.UPDATE;
}

function toFieldDiff(diff: FieldDiff): MessageInitShape<typeof FieldDiffSchema> {
  const { field } = diff;
  if (diff.kind === "set") return { field, added: [...diff.added], removed: [...diff.removed] };
  return { field, before: diff.before ?? "", after: diff.after ?? "" };
}
