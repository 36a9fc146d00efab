import { startFake } from "./fake-server.ts";

// A server in a process of its own, so that a test can kill it. Says its URL on standard output.
const fake = await startFake(() => `of ${process.pid}`);
console.log(fake.url);
