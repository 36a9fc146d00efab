import { createFleetgate, type Fleetgate } from "fleetgate/client/node";

/** A server of Fleetgate, and how one knows that it is this one. */
export interface Place {
  readonly endpoint: string;
  /** `sha256:` and that of the certificate which the server made itself; empty: an authority vouches for it. */
  readonly fingerprint: string;
}

/** Connects with a token, which is asked for with every call. */
export function connect({ endpoint, fingerprint }: Place, token: () => string): Fleetgate {
  return createFleetgate({
    endpoints: [endpoint],
    key: token,
    ...(fingerprint === "" ? {} : { tlsFingerprint: fingerprint }),
  });
}
