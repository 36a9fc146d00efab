import type { CertificateRule } from "../identity/certificate-rule.ts";
import { parseCertificateRule } from "../identity/parse-certificate-rule.ts";
import { textOf } from "./option-kinds.ts";
import { mapping, optional, scalar, type Field, type Shape } from "./option-shapes.ts";

const text: Field<string | undefined> = optional(scalar(textOf(1000)), undefined);

/** The fields of a rule of `client_certificates`. */
export const certificateRuleShapeFields = {
  spiffe_trust_domain: text,
  path: text,
  common_name: text,
  dns: text,
  email: text,
  organization: text,
  organizational_unit: text,
  kind: text,
  value: text,
};

/** A rule of `client_certificates`. */
export const certificateRuleShape: Shape<CertificateRule> = mapping(
  certificateRuleShapeFields,
  (values, report) => {
    const { rule, problems } = parseCertificateRule(values);
    for (const { field, message } of problems) report(field, message);
    return rule;
  },
);
