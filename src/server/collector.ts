import { setFlagsFromString } from "node:v8";

/**
 * Has V8 allocate as young ones also the objects of those lines of which it would make old ones from the start, in all of the
 * process. Call it before there is much code. Compiled code that was kept (NODE_COMPILE_CACHE) under other flags is not used.
 *
 * Where most objects that some line makes outlive a collection, V8 makes those of that line old from then on. What decides are
 * the first collections, when the heap is small and nearly everything on it belongs to a call under way. Among the lines it
 * picks then is the one of Node that makes a list of arguments for each stream of HTTP/2: each such list, old and dead, kept
 * its stream until the whole heap was collected. Measured on a busy server: pauses of 20 ms instead of 1.4 ms, and a fifth less
 * throughput.
 */
export function keepGarbageYoung(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}
