import type { Fleetgate } from "fleetgate/client/node";
import { unauthorized } from "./refusal.ts";

/** Who signs the URLs of this server, and by what. */
export interface UrlSigner {
  readonly fleetgate: Pick<Fleetgate, "urls">;
  /** Whose key `fleetgate` shows, e.g. `service:cache`. */
  readonly self: string;
}

/** The two things that a URL can be signed for. A URL for one is no good for the other. */
export const download = { purpose: "cache.download", method: "GET" } as const;
export const upload = { purpose: "cache.upload", method: "PUT" } as const;
type Right = typeof download | typeof upload;

/** For how many seconds a URL is good. */
export const urlSeconds = 600;

/** The path of an archive with the right to do one thing with it. */
export async function sign(
  { fleetgate }: UrlSigner,
  { id }: { readonly id: string },
  callerAssertion: string,
  right: Right,
  surviveTask: boolean,
): Promise<string> {
  const path = `/archives/${id}`;
  const ttl = { seconds: BigInt(urlSeconds) };
  const { grant } = await fleetgate.urls.signUrl({
    ...{ ...right, resource: path, callerAssertion, surviveTask, ttl },
  });
  return `${path}?grant=${encodeURIComponent(grant)}`;
}

/**
 * Holds the grant of a URL against what it is about to be used for; returns the uid of its task. Others may sign in the same realm, even
 * tasks: what they sign is their word and no decision of this server, so only its own counts.
 */
export async function verify(
  { fleetgate, self }: UrlSigner,
  url: URL,
  right: Right,
): Promise<string> {
  // Of two grants others on the way, such as a proxy, may have looked at the other one.
  const [grant = "", ...more] = url.searchParams.getAll("grant");
  if (grant === "" || more.length > 0) throw unauthorized();
  const { subjectUid, signedBy } = await fleetgate.urls.verifyUrl({
    ...right,
    grant,
    resource: url.pathname,
  });
  if (signedBy !== self) throw unauthorized();
  return subjectUid;
}
