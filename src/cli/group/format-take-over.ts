import type { TakeOver } from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import { formatTime } from "../format-time.ts";
import { plain } from "../print.ts";

/** Until when, by whom and why: `until 2030-01-02T03:04:05Z by user:ann@example.com: the repository is down`. */
export function formatTakeOver({ author, reason, expiresAt }: TakeOver): string {
  return `until ${formatTime(expiresAt, "never")} by ${plain(author)}: ${plain(reason)}`;
}
