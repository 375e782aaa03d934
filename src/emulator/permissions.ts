import { Caller } from './caller';
import { EcrError } from './ecr-error';
import { partitionOf, Registry } from './registry/registry';
import { parsePolicy } from '../access/parse';
import { Directory, Principal } from '../iam/directory';
import { ecrDemands, registryDemands } from '../iam/ecr-demands';
import { decide } from '../iam/evaluate';
import { Decision, Demand, Policies } from '../iam/model';
import { refusalText } from '../iam/refusal';

/** A demand that was decided. */
export interface Authorization {
  readonly operation: string;
  readonly caller: Caller;
  readonly principalArn: string;
  readonly demand: Demand;
  readonly decision: Decision;
}

type Input = Readonly<Record<string, unknown>>;

/**
 * Whether IAM would let a call through: the policies of callers that the emulator was told about, and repository policies for callers of other accounts.
 * Everybody else of the registry's account may do everything.
 */
export class Permissions {
  private readonly directory = new Map<string, Principal>();

  constructor(private readonly registry: Registry, private readonly onDecision: (authorization: Authorization) => void) {}

  /** From now on; who was known before under another access key id stays known. */
  public use(directory: Directory): void {
    directory.forEach((principal, accessKeyId) => this.directory.set(accessKeyId, principal));
  }

  public principal(caller: Caller): Principal | undefined {
    return caller.accessKeyId === undefined ? undefined : this.directory.get(caller.accessKeyId);
  }

  /** Why a call is refused; nothing has been done by then. */
  public refusal(operation: string, input: Input, caller: Caller): EcrError | undefined {
    const principal = this.principal(caller) ?? this.stranger(operation, input, caller);
    if (principal === undefined) {
      return undefined;
    }
    const isProtocol = operation.startsWith('v2:');
    // Without registryId the caller's own registry is meant; the registry protocol names the registry by its host.
    const place = {
      partition: partitionOf(this.registry.region), region: caller.region ?? this.registry.region, accountId: isProtocol ? this.registry.accountId : principal.accountId,
    };
    const demands = (isProtocol ? registryDemands : ecrDemands)(operation, input, place, (name, registryId) => this.known(name, registryId));
    for (const asked of demands) {
      const demand = this.isMissingElsewhere(asked, principal.accountId) ? { ...asked, resourceAccount: principal.accountId } : asked;
      const decision = decide(principal, demand, this.policiesFor(principal, demand), principal.context);
      this.onDecision({ operation, caller, principalArn: principal.arn, demand, decision });
      if (!decision.allowed && demand.optional !== true && decision.unread === undefined) {
        return new EcrError('AccessDeniedException', refusalText(principal, demand, decision.refused!));
      }
    }
    return undefined;
  }

  /** Somebody of another account, whose own account allows everything. */
  private stranger(operation: string, { registryId }: Input, { accountId }: Caller): (Omit<Principal, 'policies'> & { readonly policies: 'unrestricted' }) | undefined {
    const { registry } = this;
    const isHere = operation.startsWith('v2:') || registryId === registry.accountId;
    return accountId === registry.accountId || !isHere ? undefined
      : { accessKeyId: accountId, accountId, arn: `arn:${partitionOf(registry.region)}:iam::${accountId}:root`, policies: 'unrestricted', unread: [], context: new Map() };
  }

  private policiesFor({ policies, boundary, unread, accountId }: Omit<Principal, 'policies'> & { readonly policies: Policies['identity'] }, { resource, resourceAccount = accountId }: Demand): Policies {
    const name = /:repository\/([^*]+)$/.exec(resource)?.[1];
    const repository = name === undefined || resourceAccount !== this.registry.accountId ? undefined : this.registry.repository(name);
    const text = repository?.record.repositoryPolicyText;
    return {
      identity: policies,
      boundary,
      unread,
      ...(text !== undefined && { resource: { name: `the policy of ${name}`, document: parsePolicy(text) } }),
    };
  }

  /** A repository of this registry that does not exist has no policy that could keep strangers out: they are told that it is not there. */
  private isMissingElsewhere({ resource, resourceAccount }: Demand, accountId: string): boolean {
    const name = /:repository\/([^*]+)$/.exec(resource)?.[1];
    return name !== undefined && resourceAccount === this.registry.accountId && accountId !== resourceAccount && this.registry.repository(name) === undefined;
  }

  private known(name: string, registryId: string) {
    const record = registryId === this.registry.accountId ? this.registry.repository(name)?.record : undefined;
    const key = record?.encryptionConfiguration.kmsKey;
    return record && { tags: record.tags, ...(key !== undefined && { kmsKey: key }) };
  }
}
