import { Caller, NamedPolicy, RequestContext } from './model';
import { AccessPolicy, isRecord } from '../access/model';
import { toPolicy } from '../access/parse';
import { DrydockError, isDrydockError, Problem } from '../errors';

/** A user or role, and everything that decides what it may do. */
export interface Principal extends Caller {
  /** By which requests show who signed them. */
  readonly accessKeyId: string;
  readonly policies: readonly NamedPolicy[];
  readonly boundary?: readonly NamedPolicy[];
  /** Names of attached policies whose text is not known. */
  readonly unread: readonly string[];
  /** More condition keys, of every request of this principal. */
  readonly context: RequestContext;
}

/** The same as JSON: what `drydock emulator --iam` reads. */
export interface PrincipalSource {
  readonly accessKeyId: string;
  readonly arn: string;
  readonly sessionArn?: string;
  readonly policies?: readonly { readonly name?: string; readonly document: unknown }[];
  readonly boundary?: readonly { readonly name?: string; readonly document: unknown }[];
  readonly unread?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  /** Condition keys by name: one value or several. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

export interface DirectorySource {
  readonly principals: readonly PrincipalSource[];
}

/** Principals by access key id. */
export type Directory = ReadonlyMap<string, Principal>;

const PRINCIPAL_ARN = /^arn:aws[a-z-]*:iam::(\d{12}):(?:(?:user|role)\/.+|root)$/;

/** Reads a list of principals; every problem at once (DD-IAM-001). */
export function readDirectory(source: unknown): Directory {
  const problems: Problem[] = [];
  const refuse = (pointer: string, message: string, value?: unknown) => {
    problems.push({ code: 'DD-IAM-001', pointer, message, value, fix: 'Write {"principals": [{"accessKeyId": "AKIA...", "arn": "arn:aws:iam::123456789012:role/NAME", "policies": [{"document": {...}}]}]}.' });
  };
  const directory = new Map<string, Principal>();
  const list = isRecord(source) ? source.principals : undefined;
  if (!Array.isArray(list)) {
    refuse('/principals', 'There is no list of principals.', source);
  }
  (Array.isArray(list) ? list as unknown[] : []).forEach((entry, index) => {
    const pointer = `/principals/${index}`;
    const principal = isRecord(entry) ? principalOf(entry, pointer, refuse) : refuse(pointer, 'A principal is an object.', entry);
    if (principal && directory.has(principal.accessKeyId)) {
      refuse(`${pointer}/accessKeyId`, `The access key id ${principal.accessKeyId} stands twice.`, principal.accessKeyId);
    } else if (principal) {
      directory.set(principal.accessKeyId, principal);
    }
  });
  if (problems.length > 0) {
    throw new DrydockError(problems, { heading: 'The principals cannot be read:' });
  }
  return directory;
}

type Refuse = (pointer: string, message: string, value?: unknown) => void;

function principalOf(entry: Record<string, unknown>, pointer: string, refuse: Refuse): Principal | undefined {
  const { accessKeyId, arn, sessionArn, tags, context, unread } = entry;
  const accountId = PRINCIPAL_ARN.exec(String(arn))?.[1];
  if (typeof accessKeyId !== 'string' || !/^\w{4,128}$/.test(accessKeyId)) {
    refuse(`${pointer}/accessKeyId`, 'An access key id has letters and digits, 4 to 128.', accessKeyId);
    return undefined;
  }
  if (accountId === undefined) {
    refuse(`${pointer}/arn`, 'The ARN is not one of a user, a role or the root of an account.', arn);
    return undefined;
  }
  const list = (name: 'policies' | 'boundary') => policiesOf(entry[name], `${pointer}/${name}`, name, refuse);
  const extra = Object.entries({
    ...Object.fromEntries(Object.entries(isRecord(tags) ? tags : {}).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])), ...(isRecord(context) ? context : {}),
  });
  return {
    accessKeyId, arn: String(arn), accountId,
    ...(typeof sessionArn === 'string' && { sessionArn }),
    policies: list('policies'),
    ...(entry.boundary !== undefined && { boundary: list('boundary') }),
    unread: Array.isArray(unread) ? unread.map(String) : [],
    context: new Map(extra.map(([key, value]) => [key.toLowerCase(), (Array.isArray(value) ? value : [value]).map(String)])),
  };
}

function policiesOf(value: unknown, pointer: string, kind: string, refuse: Refuse): NamedPolicy[] {
  if (value !== undefined && !Array.isArray(value)) {
    refuse(pointer, 'Policies are a list.', value);
  }
  return (Array.isArray(value) ? value as unknown[] : []).flatMap((one, index) => {
    const { name = `${kind} ${index + 1}`, document } = isRecord(one) ? one : {};
    try {
      return [{ name: String(name), document: checked(toPolicy(document)) }];
    } catch (error) {
      refuse(`${pointer}/${index}`, isDrydockError(error) ? error.problems[0].message : (error as Error).message, one);
      return [];
    }
  });
}

/** A statement whose effect cannot be read may be a Deny. */
function checked(policy: AccessPolicy): AccessPolicy {
  const wrong = policy.Statement.findIndex(({ Effect }) => Effect !== 'Allow' && Effect !== 'Deny');
  if (wrong >= 0) {
    throw new Error(`Statement ${wrong + 1} has the Effect ${JSON.stringify(policy.Statement[wrong].Effect)}; it is Allow or Deny.`);
  }
  return policy;
}
