// Asking a session for its socket makes a proxy each time.
const addresses = new WeakMap<object, string>();

const mapped = "::ffff:";

/** The address of the other end of a connection that connectionOf told; empty: not known, such as of a pipe. */
export function addressOf(connection: object): string {
  const known = addresses.get(connection);
  if (known !== undefined) return known;
  const address = remoteAddressOf(connection);
  // An address of IPv4 on a socket that also takes IPv6.
  const plain = address.startsWith(mapped) ? address.slice(mapped.length) : address;
  if (plain !== "") addresses.set(connection, plain);
  return plain;
}

function remoteAddressOf(connection: { remoteAddress?: unknown; socket?: unknown }): string {
  try {
    const { socket } = connection;
    // That of a session is a proxy, which does not say what it has.
    const from = (socket ?? connection) as { remoteAddress?: unknown };
    const address = from.remoteAddress;
    return typeof address === "string" ? address : "";
  } catch {
    // The session has ended.
    return "";
  }
}
