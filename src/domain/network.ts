/**
 * Whom an address is counted as: of IPv4 itself, of IPv6 its first 64 bits, `2001:db8:0:1::/64`, since whoever has one address of
 * these has all of them (RFC 6177). What is no address stays as it is.
 */
export function networkOf(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [plain = ""] = address.split("%", 1);
  const [before = "", after] = plain.split("::");
  const left = groupsOf(before);
  const right = groupsOf(after ?? "");
  const gap = after === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const all = [...left, ...Array.from({ length: gap }, () => "0"), ...right];
  if (all.length !== 8) return address;
  return `${all.slice(0, 4).join(":")}::/64`;
}

function groupsOf(text: string): readonly string[] {
  if (text === "") return [];
  return text.split(":").map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""));
}
