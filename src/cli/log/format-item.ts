import {
  ChangeItem_Op,
  type ChangeItem,
  type FieldDiff,
} from "../../gen/fleetgate/admin/v1/change_item_pb.ts";
import { plain } from "../print.ts";

const signs: Readonly<Record<number, string | undefined>> = {
  [ChangeItem_Op.CREATE]: "+",
  [ChangeItem_Op.UPDATE]: "~",
  [ChangeItem_Op.DELETE]: "-",
};

/** The lines for what a change did to one entity: which one, and each field that differs. */
export function formatItem(item: ChangeItem): readonly string[] {
  const { kind, key, op, fields, erased } = item;
  const sign = signs[op] ?? "?";
  return [
    `${sign} ${plain(kind)} ${plain(key)}${erased ? "  (a person was erased from it)" : ""}`,
    ...fields.filter((field) => !isInKey(field, item)).flatMap(formatField),
  ];
}

/** Whether the key says it already: the name of an entity, or the group of a member. */
function isInKey({ before, after, added, removed }: FieldDiff, { key, op }: ChangeItem): boolean {
  if (op === ChangeItem_Op.UPDATE || added.length + removed.length > 0) return false;
  const value = op === ChangeItem_Op.CREATE ? after : before;
  return [key, ...key.split(" ")].some((part) => JSON.stringify(part) === value);
}

function formatField({ field, before, after, added, removed }: FieldDiff): readonly string[] {
  const name = plain(field);
  return [
    ...(before === "" ? [] : [`    - ${name}: ${plain(before)}`]),
    ...(after === "" ? [] : [`    + ${name}: ${plain(after)}`]),
    ...removed.map((entry) => `    - ${name}: ${plain(entry)}`),
    ...added.map((entry) => `    + ${name}: ${plain(entry)}`),
  ];
}
