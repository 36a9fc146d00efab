// The part of the Reflect metadata proposal that tsyringe wants below @peculiar/x509, which brings none itself.
const all = new WeakMap<object, Map<unknown, unknown>>();

function define(key: unknown, value: unknown, target: object): void {
  const own = all.get(target) ?? new Map<unknown, unknown>();
  all.set(target, own.set(key, value));
}

function get(key: unknown, target: object): unknown {
  for (let at: unknown = target; at instanceof Object; at = Object.getPrototypeOf(at)) {
    const own = all.get(at);
    if (own?.has(key) === true) return own.get(key);
  }
  return undefined;
}

Object.assign(Reflect, {
  defineMetadata: define,
  getMetadata: get,
  getOwnMetadata: (key: unknown, target: object) => all.get(target)?.get(key),
  metadata: (key: unknown, value: unknown) => (target: object) => {
    define(key, value, target);
  },
});
