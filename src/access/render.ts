import { AccessPolicy, isRecord, Statement } from './model';

/** Longest policy text that ECR stores. @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html */
export const POLICY_TEXT_MAX = 10_240;

const STATEMENT_ORDER = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

/**
 * The document as ECR gives it back: elements in its order, two blanks a level, `"key" : value`, lists on one line, an account id as its root ARN.
 * Rendering what was rendered changes nothing.
 */
export function normalisedText(policy: AccessPolicy, partition = 'aws'): string {
  const { Version, Id, Statement: statements, ...others } = policy as AccessPolicy & Record<string, unknown>;
  return write(present({
    Version: Version ?? '2008-10-17',
    Id,
    Statement: statements.map((statement) => ordered(statement, partition)),
    ...others,
  }), '');
}

function ordered(statement: Statement, partition: string): Record<string, unknown> {
  const all: Record<string, unknown> = {
    ...statement, Principal: withRootArns(statement.Principal, partition), NotPrincipal: withRootArns(statement.NotPrincipal, partition),
  };
  const known = STATEMENT_ORDER.map((name) => [name, all[name]] as const);
  const unknown = Object.entries(all).filter(([name]) => !STATEMENT_ORDER.includes(name));
  return present(Object.fromEntries([...known, ...unknown]));
}

function withRootArns(principal: unknown, partition: string): unknown {
  if (!isRecord(principal)) {
    return principal;
  }
  const root = (value: unknown) => typeof value === 'string' && /^\d{12}$/.test(value) ? `arn:${partition}:iam::${value}:root` : value;
  return { ...principal, ...(principal.AWS === undefined ? {} : { AWS: Array.isArray(principal.AWS) ? principal.AWS.map(root) : root(principal.AWS) }) };
}

function present(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function write(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? '[ ]' : `[ ${value.map((entry) => write(entry, indent)).join(', ')} ]`;
  }
  if (isRecord(value)) {
    const entries = Object.entries(value);
    const inner = `${indent}  `;
    return entries.length === 0
      ? '{ }'
      : `{\n${entries.map(([key, member]) => `${inner}${JSON.stringify(key)} : ${write(member, inner)}`).join(',\n')}\n${indent}}`;
  }
  return JSON.stringify(value);
}
