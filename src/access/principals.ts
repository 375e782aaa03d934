import { UNIQUE_ID } from './merge';

export const PRINCIPAL_KINDS: readonly string[] = ['AWS', 'Service', 'Federated', 'CanonicalUser'];

/** What is wrong with one principal, and the way out. */
export interface PrincipalFault {
  readonly code: 'DD-ACCESS-011' | 'DD-ACCESS-016';
  readonly what: string;
  readonly fix: string;
}

const ACCOUNT = /^\d{12}$/;
/** Users and roles, sessions of roles and of federated users, and CloudFront's own kind of user. */
const ARN = /^arn:aws(?:-[a-z]+)*:(?:iam::(?:\d{12}:(?:root|(?:user|role)\/[^*?]+)|cloudfront:user\/[^*?]+)|sts::\d{12}:(?:assumed-role|federated-user)\/[^*?]+)$/;

/**
 * What ECR would refuse about a principal of a kind, as far as its text tells.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function principalFault(kind: string, value: unknown): PrincipalFault | undefined {
  if (typeof value !== 'string' || value === '') {
    return { code: 'DD-ACCESS-011', what: 'which is not text', fix: 'Write text such as "123456789012".' };
  }
  if (kind === 'AWS') {
    return awsFault(value);
  }
  if (kind === 'Service' && !/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(value)) {
    return { code: 'DD-ACCESS-011', what: 'which is not the name of a service', fix: 'Write for example codebuild.amazonaws.com.' };
  }
  return undefined;
}

function awsFault(value: string): PrincipalFault | undefined {
  if (value === '*' || ACCOUNT.test(value) || ARN.test(value)) {
    return undefined;
  }
  if (UNIQUE_ID.test(value)) {
    return { code: 'DD-ACCESS-016', what: 'the id of a role or user that was deleted', fix: 'Name one that exists, by its ARN.' };
  }
  if (/^\d+$/.test(value)) {
    return { code: 'DD-ACCESS-011', what: `which has ${value.length} digits; an account id has 12`, fix: 'Write all 12 digits, as text: leading zeros are lost in a number.' };
  }
  if (/[*?]/.test(value)) {
    return {
      code: 'DD-ACCESS-011',
      what: 'which has a wildcard; only "*" alone stands for others',
      fix: 'Name the account and narrow it with a condition: {"ArnLike": {"aws:PrincipalArn": "..."}}.',
    };
  }
  if (/^arn:[^:]*:iam::\d{12}:(?:group|instance-profile|policy)\//.test(value)) {
    return { code: 'DD-ACCESS-011', what: 'which is no user or role', fix: 'Name the role, the users, or the account.' };
  }
  return {
    code: 'DD-ACCESS-011',
    what: 'which is neither an account of 12 digits nor the ARN of a user, role or session',
    fix: 'Write 123456789012 or arn:aws:iam::123456789012:role/NAME.',
  };
}
