import { problem } from './codes';
import { HeldRecord, RolePrincipal, rolesOf } from './principals';
import { Refusal } from './refusal';
import { ResourceRecord, StackRecord, Stacks } from './state';
import { partitionOf } from '../assembly/partition';
import { Problem } from '../errors';
import { Principal, readDirectory } from '../iam/directory';
import { decide } from '../iam/evaluate';
import { Decision, Demand } from '../iam/model';
import { refusalText } from '../iam/refusal';
import { serviceDemands } from '../iam/service-demands';

/** Something that a role of the stacks asked for, and what became of it. */
export interface RehearsedAuthorization {
  readonly operation: string;
  readonly principalArn: string;
  readonly demand: Demand;
  readonly decision: Decision;
}

export interface PermissionSettings {
  readonly stacks: () => Stacks;
  readonly ecrEndpoint: string;
  readonly notice: (found: Problem) => void;
  readonly onAuthorization?: (authorization: RehearsedAuthorization) => void;
}

/** What the roles of the rehearsed stacks may do, in the order in which their policies come and go. */
export class Permissions {
  /** Resources of IAM that have been replaced and wait for the clean-up. */
  public readonly replaced = new Map<string, { stack: StackRecord; record: ResourceRecord }>();
  private told = new Map<string, string>();
  private telling: Promise<void> = Promise.resolve();

  constructor(private readonly settings: PermissionSettings) {}

  /** Tells the registry what the roles may do now. */
  public tell(): Promise<void> {
    this.telling = this.telling.then(() => this.tellNow());
    return this.telling;
  }

  /** Notes that the role behind a function cannot be judged, or not wholly. */
  public mention(place: string, roleArn: string): void {
    const role = this.roles().find(({ arn }) => arn === roleArn);
    const unread = [...role?.unread ?? [], ...role?.unreadBoundary === undefined ? [] : [role.unreadBoundary]];
    if (role === undefined) {
      this.settings.notice(problem('DD-REHEARSAL-112', place, `What the role ${roleArn} may do is not known, since no stack of the rehearsal makes it. It may do everything here.`, {
        value: roleArn, fix: 'Nothing, if the role has what it needs.',
      }));
    } else if (unread.length > 0) {
      this.settings.notice(problem('DD-REHEARSAL-113', place, `What these policies of the role ${roleArn} say is not known: ${unread.join(', ')}. What only they could allow or forbid is allowed here.`, {
        value: unread, fix: 'Nothing, if they allow what the role needs.',
      }));
    }
  }

  /** Refuses a request to one of the services of the rehearsal that its signer may not make. */
  public check(authorization: string | undefined, operation: string, request: Readonly<Record<string, unknown>>): void {
    const [, accessKeyId, region] = /Credential=([^/,\s]+)\/\d{8}\/([a-z0-9-]+)\//.exec(authorization ?? '') ?? [];
    this.checkPrincipal(this.roles().find((role) => role.accessKeyId === accessKeyId), region, operation, request);
  }

  /** The same for a service that acts by a role that was given to it. */
  public checkRole(roleArn: string, region: string, operation: string, request: Readonly<Record<string, unknown>>): void {
    this.checkPrincipal(this.roles().find(({ arn }) => arn === roleArn), region, operation, request);
  }

  private checkPrincipal(role: RolePrincipal | undefined, region: string, operation: string, request: Readonly<Record<string, unknown>>): void {
    if (role === undefined) {
      return;
    }
    const principal = readDirectory({ principals: [role] }).get(role.accessKeyId) as Principal;
    const place = { partition: partitionOf(region), region, accountId: principal.accountId };
    for (const demand of serviceDemands(operation, { ...request, ...place }, place) ?? []) {
      const { policies: identity, boundary, unread, context } = principal;
      const decision = decide(principal, demand, { identity, boundary, unread }, context);
      this.settings.onAuthorization?.({ operation, principalArn: principal.arn, demand, decision });
      if (!decision.allowed && demand.optional !== true && decision.unread === undefined) {
        throw new Refusal('AccessDeniedException', refusalText(principal, demand, decision.refused!));
      }
    }
  }

  private roles(): RolePrincipal[] {
    const present = this.settings.stacks().all().flatMap((stack) => [...stack.resources.values()].map((record): HeldRecord => ({ stack, record })));
    const ids = new Set(present.map(({ stack, record }) => `${stack.stackId}|${record.physicalId}`));
    return rolesOf([...present, ...[...this.replaced.values()].filter(({ stack, record }) => !ids.has(`${stack.stackId}|${record.physicalId}`))]);
  }

  private async tellNow(): Promise<void> {
    const now = new Map(this.roles().map(({ unreadBoundary: _, ...role }) => [role.accessKeyId, role] as const));
    // Whoever is gone can do nothing any more.
    const gone = [...this.told.keys()].filter((key) => !now.has(key)).map((key) => ({ ...JSON.parse(this.told.get(key)!) as object, policies: [], unread: [] }));
    const changed = [...now.values()].filter((role) => this.told.get(role.accessKeyId) !== JSON.stringify(role));
    if (changed.length + gone.length === 0) {
      return;
    }
    let response: Response;
    try {
      response = await fetch(new URL('/_drydock/iam', this.settings.ecrEndpoint), { method: 'PUT', body: JSON.stringify({ principals: [...changed, ...gone] }) });
    } catch {
      // Nobody listens: the first call of the registry tells that better.
      return;
    }
    await response.arrayBuffer();
    if (response.ok) {
      this.told = new Map([...now].map(([key, role]) => [key, JSON.stringify(role)]));
    } else {
      this.settings.notice(problem('DD-REHEARSAL-114', this.settings.ecrEndpoint, 'The registry does not check permissions: whatever the policies of the roles say, no call is refused there.', {
        value: this.settings.ecrEndpoint, fix: 'Let the rehearsal use the embedded ECR, or `drydock emulator`.',
      }));
    }
  }
}
