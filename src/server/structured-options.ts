import type { CertificateRule } from "../identity/certificate-rule.ts";
import type { JwtIssuerOptions } from "../identity/jwt-issuer.ts";
import { certificateRuleShape } from "./certificate-rule-shape.ts";
import { jwtIssuerShape } from "./jwt-issuer-shape.ts";
import { list, type Shape } from "./option-shapes.ts";

/** The options that hold more than one value. They stand in the options file only. */
export interface StructuredValues {
  readonly jwt_issuers: readonly JwtIssuerOptions[];
  readonly client_certificates: readonly CertificateRule[];
}

/** The name of an option with more than one value. */
export type StructuredName = keyof StructuredValues;

/** The most issuers of `jwt_issuers`. */
export const maxIssuers = 100;

/** The most rules of `client_certificates`. */
export const maxCertificateRules = 1000;

/** The shape of each structured option. */
export const structuredOptions: {
  readonly [K in StructuredName]: Shape<StructuredValues[K]>;
} = {
  jwt_issuers: list(jwtIssuerShape, 0, maxIssuers),
  client_certificates: list(certificateRuleShape, 0, maxCertificateRules),
};

/** All names, in the order of the docs. */
export const structuredNames = Object.keys(structuredOptions) as readonly StructuredName[];

/** Whether there is a structured option of this name. */
export function isStructuredName(name: string): name is StructuredName {
  return Object.hasOwn(structuredOptions, name);
}
