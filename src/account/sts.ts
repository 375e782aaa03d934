import { createHash, randomUUID } from 'node:crypto';
import { scopeOf } from './service';
import type { Reply, Request } from '../emulator';
import { QueryError, queryErrorXml, queryResultXml, Xml } from '../rehearsal/query-protocol';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const HOURS = 60 * 60 * 1000;

/** GetCallerIdentity and AssumeRole: everybody may assume every role that a stack holds, and no other. */
export class Sts {
  /** ARNs of sessions by the access keys that were given out for them. */
  private readonly sessions = new Map<string, string>();

  constructor(private readonly accountId: () => string, private readonly hasRole: (arn: string) => boolean, private readonly now: () => number = Date.now) {}

  public async handle(request: Request): Promise<Reply> {
    const requestId = randomUUID();
    const input = new URLSearchParams((await request.bytes())?.toString('utf8'));
    const action = input.get('Action') ?? '';
    try {
      return xml(200, queryResultXml(NAMESPACE, action, this.answer(action, input, request), requestId));
    } catch (error) {
      if (!(error instanceof QueryError)) {
        throw error;
      }
      return xml(error.code === 'AccessDenied' ? 403 : 400, queryErrorXml(NAMESPACE, error, requestId));
    }
  }

  private answer(action: string, input: URLSearchParams, request: Request): Xml {
    switch (action) {
      case 'GetCallerIdentity': return this.identity(request);
      case 'AssumeRole': return this.assumeRole(input, request);
      default: throw new QueryError('InvalidAction', `Of STS there are GetCallerIdentity and AssumeRole here, and not ${action}.`);
    }
  }

  private identity(request: Request): { Arn: string; UserId: string; Account: string } {
    const { accessKeyId = 'anonymous' } = scopeOf(request) ?? {};
    // Local tools use an account id as the access key.
    const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : this.accountId();
    return { Arn: this.sessions.get(accessKeyId) ?? `arn:aws:iam::${account}:user/${accessKeyId}`, UserId: accessKeyId, Account: account };
  }

  private assumeRole(input: URLSearchParams, request: Request): Xml {
    const role = input.get('RoleArn') ?? '';
    const session = input.get('RoleSessionName') ?? '';
    const [, partition, account, name] = /^arn:([^:]+):iam::(\d{12}):role\/(?:.+\/)?([^/]+)$/.exec(role) ?? [];
    if (name === undefined || session === '') {
      throw new QueryError('ValidationError', `Value '${role}' at 'roleArn' failed to satisfy constraint, or RoleSessionName is missing`);
    }
    if (!this.hasRole(role)) {
      throw new QueryError('AccessDenied', `User: ${this.identity(request).Arn} is not authorized to perform: sts:AssumeRole on resource: ${role}`);
    }
    const arn = `arn:${partition}:sts::${account}:assumed-role/${name}/${session}`;
    const AccessKeyId = `ASIA${createHash('sha256').update(arn).digest('hex').slice(0, 16).toUpperCase()}`;
    this.sessions.set(AccessKeyId, arn);
    const seconds = Number(input.get('DurationSeconds') ?? 3600);
    return {
      Credentials: { AccessKeyId, SecretAccessKey: 'drydock', SessionToken: 'drydock', Expiration: new Date(this.now() + Math.min(seconds * 1000, 12 * HOURS)).toISOString() },
      AssumedRoleUser: { AssumedRoleId: `${AccessKeyId}:${session}`, Arn: arn },
    };
  }
}

function xml(statusCode: number, body: string): Reply {
  return { statusCode, headers: { 'content-type': 'text/xml' }, body };
}
