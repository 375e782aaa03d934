import { AccessPolicy } from '../access/model';

/** Whether something is so; `unknown` where this library cannot tell. */
export type Holds = 'yes' | 'no' | 'unknown';

/** Who asks. */
export interface Caller {
  /** What `aws:PrincipalArn` says: of a session, the ARN of its role. */
  readonly arn: string;
  /** Of a session of a role: its own ARN, by which refusals call it. */
  readonly sessionArn?: string;
  readonly accountId: string;
}

/** Condition keys in lower case, with what the request says to them. A key that is known and absent is in no entry. */
export type RequestContext = ReadonlyMap<string, readonly string[]>;

/** What a call needs: one action on one resource. A call may need several. */
export interface Demand {
  /** `ecr:PutImage` */
  readonly action: string;
  /** An ARN, one that ends in `*` for a list, or `*` for an action that knows no resource. */
  readonly resource: string;
  /** The account that the resource belongs to; the caller's own when absent. */
  readonly resourceAccount?: string;
  /** Condition keys of this demand. */
  readonly context?: Readonly<Record<string, readonly string[]>>;
  /** The call goes through without it, too. */
  readonly optional?: boolean;
}

/** A policy document by the name under which it is attached. */
export interface NamedPolicy {
  readonly name: string;
  readonly document: AccessPolicy;
}

/** Everything that may allow or deny a call. */
export interface Policies {
  /** Inline and managed policies of the caller. `unrestricted`: whatever they are, they allow it. */
  readonly identity: readonly NamedPolicy[] | 'unrestricted';
  /** The permissions boundary: it allows nothing, and nothing is allowed that it does not allow. */
  readonly boundary?: readonly NamedPolicy[];
  /** The policy of the resource. */
  readonly resource?: NamedPolicy;
  /** Names of policies of the caller whose text nobody knows here. */
  readonly unread?: readonly string[];
}

/** A statement that applied to a demand, and by which of its entries. */
export interface Applied {
  readonly kind: 'identity' | 'boundary' | 'resource';
  readonly policy: string;
  /** Place among the statements of the policy, from 0. */
  readonly statement: number;
  /** Entries of the statement that matched; `NotAction` and `NotResource` where it has these. */
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Why a demand is not fulfilled. */
export type Refused =
  | { readonly why: 'explicit-deny'; readonly by: Applied }
  | { readonly why: 'no-allow'; readonly missing: Applied['kind'] }
  /** What could not be evaluated, in words. */
  | { readonly why: 'unknown'; readonly what: string };

export interface Decision {
  readonly allowed: boolean;
  readonly refused?: Refused;
  /** Every statement that allows the demand, also where it is refused all the same. */
  readonly allows: readonly Applied[];
  /** It is refused by what is known, and policies that nobody knows here may allow it: these. */
  readonly unread?: readonly string[];
}
