import { DEFAULT_VERSION } from './compare';
import { AccessPolicy, isRecord, Statement } from './model';

/** Longest policy text that ECR stores. @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html */
export const POLICY_TEXT_MAX = 10_240;

const STATEMENT_ORDER = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

/**
 * The document as ECR gives it back: elements in its order, two blanks a level, `"key" : value`, lists on one line, an account id as its root ARN.
 * Rendering what was rendered changes nothing.
 */
export function normalisedText(policy: AccessPolicy, partition = partitionIn(policy)): string {
  const { Version, Id, Statement: statements, ...others } = policy as AccessPolicy & Record<string, unknown>;
  return write({ Version: Version ?? DEFAULT_VERSION, Id, Statement: statements.map((statement) => ordered(statement, partition)), ...others }, '');
}

/** The partition that the document's own ARNs are of; account ids do not say theirs. */
function partitionIn({ Statement: statements }: AccessPolicy): string {
  const arns = statements.flatMap(({ Principal, NotPrincipal }) => [Principal, NotPrincipal])
    .flatMap((principal) => isRecord(principal) ? Object.values(principal).flat() : [])
    .map((value) => typeof value === 'string' ? /^arn:(aws[a-z-]*):/.exec(value)?.[1] : undefined);
  return arns.find((partition) => partition !== undefined) ?? 'aws';
}

function ordered(statement: Statement, partition: string): Record<string, unknown> {
  const all: Record<string, unknown> = {
    ...statement, Principal: withRootArns(statement.Principal, partition), NotPrincipal: withRootArns(statement.NotPrincipal, partition),
  };
  const known = STATEMENT_ORDER.map((name) => [name, all[name]] as const);
  const unknown = Object.entries(all).filter(([name]) => !STATEMENT_ORDER.includes(name));
  return Object.fromEntries([...known, ...unknown]);
}

function withRootArns(principal: unknown, partition: string): unknown {
  if (!isRecord(principal)) {
    return principal;
  }
  const root = (value: unknown) => typeof value === 'string' && /^\d{12}$/.test(value) ? `arn:${partition}:iam::${value}:root` : value;
  const { AWS } = principal;
  return AWS === undefined ? principal : { ...principal, AWS: Array.isArray(AWS) ? AWS.map(root) : root(AWS) };
}

function write(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? '[ ]' : `[ ${value.map((entry) => write(entry, indent)).join(', ')} ]`;
  }
  if (isRecord(value)) {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    const inner = `${indent}  `;
    return entries.length === 0
      ? '{ }'
      : `{\n${entries.map(([key, member]) => `${inner}${JSON.stringify(key)} : ${write(member, inner)}`).join(',\n')}\n${indent}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
