/** A registry of ECR, by the name of its host. */
export interface EcrHost {
  readonly registryId: string;
  readonly region: string;
}

/**
 * Domains of ECR by partition, and its dual-stack names.
 * @see https://docs.aws.amazon.com/general/latest/gr/ecr.html
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
 */
const SINGLE_STACK = [
  'amazonaws.com', 'amazonaws.com.cn', 'c2s.ic.gov', 'sc2s.sgov.gov', 'cloud.adc-e.uk', 'csp.hci.ic.gov', 'amazonaws.eu',
];
const DUAL_STACK = ['on.aws', 'on.amazonwebservices.com.cn', 'on.aws.ic.gov', 'on.aws.scloud', 'on.cloud-aws.adc-e.uk', 'on.aws.hci.ic.gov', 'on.amazonwebservices.eu'];

const HOST = /^(\d{12})\.(dkr\.ecr(?:-fips)?|dkr-ecr(?:-fips)?)\.([a-z]{2,4}(?:-[a-z]+)+-\d+)\.([a-z0-9.-]+)$/;

/** Undefined for any other host. */
export function parseEcrHost(host: string): EcrHost | undefined {
  const [, registryId, kind, region, domain] = HOST.exec(host) ?? [];
  const domains = kind?.startsWith('dkr-ecr') ? DUAL_STACK : SINGLE_STACK;
  return registryId !== undefined && domains.includes(domain) ? { registryId, region } : undefined;
}
