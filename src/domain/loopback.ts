/**
 * Whether only this machine can reach the host: `localhost`, an address in 127.0.0.0/8, or `::1` with or
 * without the brackets that it has in a URL. No other name is looked up, so none is trusted.
 */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1" || host === "[::1]") return true;
  const octets = /^127\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})$/.exec(host)?.slice(1);
  return octets?.every((octet) => Number(octet) <= 255) === true;
}
