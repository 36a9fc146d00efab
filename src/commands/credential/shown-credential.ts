import type { Snapshot } from "../../engine/snapshot.ts";
import type { CredentialEnd } from "../../storage/credential/credential-end.ts";
import type { CredentialView } from "../../storage/credential/list-credentials.ts";
import { isRealmDefined } from "./require-permission.ts";

// What would be found out later than that the realm is gone, when the credential is shown.
const later: ReadonlySet<CredentialEnd | null> = new Set([null, "state", "epoch"]);

/** A credential as it is shown: with what the configuration does to it. */
export function toShownCredential(snapshot: Snapshot, view: CredentialView): CredentialView {
  if (!later.has(view.ended) || isRealmDefined(snapshot, view.realm)) return view;
  return { ...view, ended: "realm_gone" };
}
