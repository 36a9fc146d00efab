import { mayManage } from "../../commands/bot/bot-access.ts";
import type { Verdict } from "../../credentials/verdict.ts";
import { parseBearerToken } from "../../domain/bearer-token.ts";
import type { CredentialKind } from "../../domain/credential/kinds.ts";
import type { CredentialRecord } from "../../domain/credential/subject.ts";
import { invalidField } from "../../domain/errors.ts";
import type { RpcDeps } from "../deps.ts";
import type { CredentialCall } from "./begin-credential-call.ts";
import { verdictError } from "./verdict-error.ts";

const boot: ReadonlySet<CredentialKind> = new Set(["boot"]);

/**
 * Whose boot token a request of FetchOnce shows; undefined: none, and the peer is the bot itself. Fails with INVALID_FIELD
 * where it must show one or must not, with SHOWN_CREDENTIAL_REFUSED (also where the peer does not manage the bots of its
 * realm), and with STORAGE_UNAVAILABLE or TOO_MANY_ATTEMPTS.
 */
export async function identifyShownBoot(
  { replica }: Pick<RpcDeps, "replica">,
  call: CredentialCall,
  token: string,
): Promise<CredentialRecord | undefined> {
  const { actor, area } = call;
  if (actor.record !== undefined) {
    if (token === "") return undefined;
    throw invalidField("token", "must be empty, since the peer is the bot");
  }
  if (token === "") throw invalidField("token", "must be the boot token of the bot");
  const { identifier, bookkeeping } = area;
  const { source, identity: caller } = actor;
  const verdict = forPeer(
    call,
    await identifier.identify(
      // What the database says now: the secret goes out once.
      { token, accepts: boot, audience: "fleetgate", freshness: "strict", source: caller },
      () => replica.current()?.snapshot,
    ),
  );
  if (verdict.kind === "good") {
    bookkeeping.used(verdict, identifier.databaseNow(), actor);
    return verdict.record;
  }
  const credentialId = parseBearerToken(token)?.id;
  bookkeeping.denied({ verdict, credentialId, source, caller });
  throw verdictError(verdict, identifier.databaseNow());
}

// Not even that the token is right may those know who do not manage the bot.
function forPeer({ snapshot, actor }: CredentialCall, verdict: Verdict): Verdict {
  if (verdict.kind !== "good") return verdict;
  const { record } = verdict;
  if (mayManage(snapshot, actor, record.subject.realm)) return verdict;
  return { kind: "refused", why: "forbidden_realm", record };
}
