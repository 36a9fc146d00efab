/** Which endpoint is tried when. */
export interface EndpointPool<E> {
  /** All endpoints in the order in which one call tries them: the one in use first, those that failed lately last. */
  readonly order: () => readonly E[];
  /** Notes that an endpoint answered. */
  readonly succeeded: (endpoint: E) => void;
  /** Notes that an endpoint failed: it is passed over for the cool-down. */
  readonly failed: (endpoint: E) => void;
}

/**
 * Creates a pool. Calls stay with one endpoint until it fails; the one that answers instead is then in
 * use. The clock is in milliseconds.
 */
export function createEndpointPool<E>(
  endpoints: readonly E[],
  coolDownMs: number,
  now: () => number = () => performance.now(),
): EndpointPool<E> {
  const coolUntil = new Map<E, number>();
  let inUse = 0;
  const isCooling = (endpoint: E | undefined): boolean => {
    const until = endpoint === undefined ? undefined : coolUntil.get(endpoint);
    return until !== undefined && until > now();
  };
  return {
    order: () => {
      if (endpoints.length === 1) return endpoints;
      const rotated = [...endpoints.slice(inUse), ...endpoints.slice(0, inUse)];
      const cooling = rotated.filter(isCooling);
      return [...rotated.filter((endpoint) => !cooling.includes(endpoint)), ...cooling];
    },
    succeeded: (endpoint) => {
      // A late success elsewhere does not move the calls away from what works.
      if (isCooling(endpoints[inUse])) inUse = endpoints.indexOf(endpoint);
    },
    failed: (endpoint) => {
      coolUntil.set(endpoint, now() + coolDownMs);
    },
  };
}
