import { provableKinds, type IdentityRule } from "../identity/identity-rule.ts";
import { jwtAlgorithms, type JwtIssuerOptions, type KeyOrigin } from "../identity/jwt-issuer.ts";
import { isFetchable } from "../identity/load-keys.ts";
import { parseIdentityRule } from "../identity/parse-identity-rule.ts";
import { duration, trueOrFalse, oneOf, path, textOf, type OptionKind } from "./option-kinds.ts";
import {
  dictionary,
  list,
  mapping,
  oneOrMore,
  optional,
  required,
  scalar,
  type ReportField,
  type Shape,
  type ValuesOf,
} from "./option-shapes.ts";

/** The most of what one issuer may have; conditions are those of one rule. */
export const maxOfIssuer = { audiences: 100, rules: 100, conditions: 20 };

const maxUrlLength = 1000;

function httpUrl(rule: string, isGood: (url: URL) => boolean): OptionKind<string> {
  return {
    name: "URL",
    rule,
    parse(text) {
      const url = text.length > maxUrlLength || !/^[!-~]+$/.test(text) ? null : URL.parse(text);
      return url !== null && isFetchable(url) && isGood(url) ? text : undefined;
    },
  };
}

const rule = "a URL that begins with https://, or http:// and a loopback address, without a user";

const issuerUrl = httpUrl(`${rule} and without ? and #`, ({ href }) => !/[?#]/.test(href));

const claimText = textOf(1000);

const noConditions: ReadonlyMap<string, readonly string[]> = new Map();

/** The fields of a rule of `identities`. */
export const identityRuleFields = {
  kind: required(scalar(oneOf(provableKinds))),
  value: required(scalar(claimText)),
  when: optional(
    dictionary(textOf(200), oneOrMore(scalar(claimText), 1000), maxOfIssuer.conditions),
    noConditions,
  ),
  domains: optional(list(scalar(textOf(253)), 1, 1000), []),
  allow_unverified_email: optional(scalar(trueOrFalse), false),
};

/** A rule of `identities`. */
const identityRuleShape: Shape<IdentityRule> = mapping(identityRuleFields, (values, report) => {
  const parsed = parseIdentityRule(values);
  for (const { field, message } of parsed.problems) report(field, message);
  return parsed.rule;
});

/** The fields of an issuer of `jwt_issuers`. */
export const jwtIssuerFields = {
  issuer: required(scalar(issuerUrl)),
  audiences: required(list(scalar(claimText), 1, maxOfIssuer.audiences)),
  algorithms: required(list(scalar(oneOf(jwtAlgorithms)), 1, jwtAlgorithms.length)),
  discovery: optional(scalar(trueOrFalse), undefined),
  jwks_url: optional(scalar(httpUrl(rule, () => true)), undefined),
  jwks_file: optional(scalar(path), undefined),
  leeway: optional(scalar(duration("0s", "5m")), 30_000),
  max_token_age: optional(scalar(duration("1s", "30d")), undefined),
  identities: required(list(identityRuleShape, 1, maxOfIssuer.rules)),
};

type Values = ValuesOf<typeof jwtIssuerFields>;

/** An issuer of `jwt_issuers`. */
export const jwtIssuerShape: Shape<JwtIssuerOptions> = mapping(
  jwtIssuerFields,
  (values, report) => {
    const keys = originOf(values, report);
    if (keys === undefined) return undefined;
    const { issuer, audiences, algorithms, identities } = values;
    return {
      issuer,
      audiences,
      algorithms,
      keys,
      leewayMs: values.leeway,
      maxTokenAgeMs: values.max_token_age,
      identities,
    };
  },
);

function originOf(
  { discovery, jwks_url: url, jwks_file: file }: Values,
  report: ReportField<typeof jwtIssuerFields>,
): KeyOrigin | undefined {
  const given = [discovery === true, url !== undefined, file !== undefined].filter(Boolean).length;
  if (given > 1) {
    report("discovery", "give one of discovery: true, jwks_url and jwks_file");
    return undefined;
  }
  if (url !== undefined) return { kind: "url", url };
  if (file !== undefined) return { kind: "file", path: file };
  if (discovery !== false) return { kind: "discovery" };
  report("discovery", "with false, jwks_url or jwks_file must be given");
  return undefined;
}
