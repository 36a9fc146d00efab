/**
 * Makes an error that knows nothing of where it was made: for answers, of which nobody ever reads that, and which a peer
 * can bring about at will. Finding it out costs several times what everything else of such an answer does.
 */
export function withoutStack<Made extends Error>(make: () => Made): Made {
  if (!isSettable) return make();
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

// Not where the built-in objects are frozen, nor where there is no such limit.
const isSettable = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit")?.writable === true;
