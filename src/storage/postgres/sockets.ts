import type { Client, ClientBase } from "pg";

/** How long a server may take to hang up after our goodbye. */
const goodbyeMs = 2_000;

/** Cuts the connection of a client at once, as when nobody answers at its other end. */
export function destroySocket(client: ClientBase): void {
  socketOf(client).destroy();
}

/**
 * Sees to it that a connection that we end is gone soon, also when nobody answers at its other end: the kernel
 * would try to say goodbye for a quarter of an hour. To be called when the client has connected.
 */
export function boundGoodbye(client: ClientBase): void {
  const socket = socketOf(client);
  socket.once("finish", () => {
    const timer = setTimeout(() => socket.destroy(), goodbyeMs);
    socket.once("close", () => clearTimeout(timer));
  });
}

/** Calls `listener` for all that arrives at a client, until the function that this gives is called. */
export function onBytes(client: ClientBase, listener: () => void): () => void {
  const socket = socketOf(client);
  socket.on("data", listener);
  return () => void socket.off("data", listener);
}

// The types of pg know this of a plain client only, but every client has it.
function socketOf(client: ClientBase): Client["connection"]["stream"] {
  return (client as Client).connection.stream;
}
