/**
 * Condition keys of which it is known whether a request has them: in the context of a request they are there or they are absent. A condition on any other
 * key cannot be evaluated, unless whoever asks gives the key.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html#amazonelasticcontainerregistry-policy-keys
 */
export const KNOWN_KEYS: ReadonlySet<string> = new Set([
  'aws:CalledVia', 'aws:CalledViaFirst', 'aws:CalledViaLast', 'aws:MultiFactorAuthAge', 'aws:MultiFactorAuthPresent',
  'aws:PrincipalAccount', 'aws:PrincipalArn', 'aws:PrincipalIsAWSService', 'aws:PrincipalServiceName', 'aws:PrincipalServiceNamesList', 'aws:PrincipalType',
  'aws:RequestedRegion', 'aws:ResourceAccount', 'aws:SecureTransport', 'aws:SourceAccount', 'aws:SourceArn', 'aws:SourceIdentity', 'aws:SourceOrgID',
  'aws:SourceOrgPaths', 'aws:SourceVpc', 'aws:SourceVpce', 'aws:TagKeys', 'aws:username', 'aws:ViaAWSService', 'aws:VpcSourceIp',
].map((key) => key.toLowerCase()));

/** Families of keys: one for each tag. */
export const KNOWN_FAMILIES: readonly string[] = ['aws:principaltag/', 'aws:requesttag/', 'aws:resourcetag/', 'ecr:resourcetag/'];

/** Keys with several values; what compares them needs `ForAllValues` or `ForAnyValue`. */
export const MULTIVALUED_KEYS: ReadonlySet<string> = new Set(['aws:tagkeys', 'aws:calledvia', 'aws:principalservicenameslist', 'aws:sourceorgpaths']);

export function isKnownKey(key: string): boolean {
  const name = key.toLowerCase();
  return KNOWN_KEYS.has(name) || KNOWN_FAMILIES.some((family) => name.startsWith(family) && name.length > family.length);
}
