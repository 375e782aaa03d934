import { isObject } from './properties';
import { sameStatement } from '../access/compare';
import { deletedPrincipals } from '../access/merge';
import { Statement } from '../access/model';

/** Principals that may have been made moments ago. */
const USER_OR_ROLE = /^arn:[^:]+:(?:iam|sts)::\d{12}:(?:role|user|assumed-role)\//;

export function namesUserOrRole(statement: Statement): boolean {
  return awsPrincipals(statement).some((principal) => USER_OR_ROLE.test(principal));
}

/**
 * Whether `found` is the statement `put`, perhaps with principals that have been deleted since.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
 */
export function sameButForLostPrincipals(found: Statement, put: Statement): boolean {
  if (sameStatement(found, put)) {
    return true;
  }
  const lost = deletedPrincipals(found);
  return lost.length > 0 && sameStatement(withAwsPrincipals(found, ['*']), withAwsPrincipals(put, ['*']))
    && awsPrincipals(found).every((principal) => lost.includes(principal) || awsPrincipals(put).includes(principal));
}

function awsPrincipals({ Principal }: Statement): readonly string[] {
  const value = isObject(Principal) ? Principal.AWS : undefined;
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');
}

function withAwsPrincipals(statement: Statement, AWS: readonly string[]): Statement {
  return isObject(statement.Principal) && 'AWS' in statement.Principal
    ? { ...statement, Principal: { ...statement.Principal, AWS: [...AWS] } } as Statement
    : statement;
}
