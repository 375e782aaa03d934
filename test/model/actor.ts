import { createHash } from 'node:crypto';
import { statementOf, lifecycleDocument, ACCOUNT, REGION } from './app';
import { RegistryState, sidOf, sortedText } from './registry-state';

/** What somebody else does to the registry, beside every deployment. */
export type Action =
  | { readonly kind: 'set-statement'; readonly repository: string; readonly sid: string; readonly account: string }
  | { readonly kind: 'drop-statement'; readonly repository: string; readonly sid: string }
  | { readonly kind: 'put-lifecycle'; readonly repository: string; readonly keep: number }
  | { readonly kind: 'drop-lifecycle'; readonly repository: string }
  | { readonly kind: 'tag'; readonly repository: string; readonly key: string; readonly value: string }
  | { readonly kind: 'untag'; readonly repository: string; readonly key: string }
  | { readonly kind: 'push'; readonly repository: string; readonly image: number; readonly tag?: string }
  | { readonly kind: 'drop-image'; readonly repository: string; readonly image: number }
  | { readonly kind: 'delete-repository'; readonly repository: string }
  | { readonly kind: 'create-repository'; readonly repository: string };

/** Names that only the actor uses; what it does with others meets what a stack may hold. */
export const ACTOR_SIDS = ['Actor1', 'Actor2'];
export const ACTOR_KEYS = ['actor'];

/** Whether an action touches what a template may own as well, or what a gate counts. */
export function collides(action: Action): boolean {
  switch (action.kind) {
    case 'set-statement': case 'drop-statement': return !ACTOR_SIDS.includes(action.sid);
    case 'tag': case 'untag': return !ACTOR_KEYS.includes(action.key);
    default: return true;
  }
}

/** A registry as it is after an action; an action that ECR would refuse changes nothing. */
export function after(state: RegistryState, action: Action): RegistryState {
  const found = state[action.repository];
  if (action.kind === 'create-repository') {
    return found === undefined ? { ...state, [action.repository]: { mutability: 'MUTABLE', scan: false, tags: {}, statements: [], images: {} } } : state;
  }
  if (found === undefined) {
    return state;
  }
  const put = (change: Partial<typeof found>) => ({ ...state, [action.repository]: { ...found, ...change } });
  const others = (sid: string) => found.statements.filter((one) => sidOf(one) !== sid);
  switch (action.kind) {
    case 'set-statement': return put({ statements: [...others(action.sid), sortedText(statementOf(action.sid, action.account))].sort() });
    case 'drop-statement': return put({ statements: others(action.sid) });
    case 'put-lifecycle': return put({ lifecycle: sortedText(lifecycleDocument(action.keep)) });
    case 'drop-lifecycle': return put({ lifecycle: undefined });
    case 'tag': return put({ tags: { ...found.tags, [action.key]: action.value } });
    case 'untag': return put({ tags: Object.fromEntries(Object.entries(found.tags).filter(([key]) => key !== action.key)) });
    case 'push': {
      const digest = digestOf(action.image);
      const holder = Object.keys(found.images).find((one) => action.tag !== undefined && found.images[one].includes(action.tag));
      if (holder !== undefined && holder !== digest && found.mutability === 'IMMUTABLE') {
        return state;
      }
      const others_ = Object.fromEntries(Object.entries(found.images).map(([one, tags]) => [one, tags.filter((tag) => tag !== action.tag)]));
      return put({ images: { ...others_, [digest]: [...new Set([...others_[digest] ?? [], ...action.tag === undefined ? [] : [action.tag]])].sort() } });
    }
    case 'drop-image': return put({ images: Object.fromEntries(Object.entries(found.images).filter(([digest]) => digest !== digestOf(action.image))) });
    case 'delete-repository': return Object.fromEntries(Object.entries(state).filter(([name]) => name !== action.repository));
  }
}

/** Makes an action true with ECR's own operations. */
export class Actor {
  constructor(private readonly endpoint: () => string) {}

  public async perform(action: Action): Promise<void> {
    const { repository: repositoryName } = action;
    switch (action.kind) {
      case 'set-statement': return this.changeStatements(repositoryName, action.sid, statementOf(action.sid, action.account));
      case 'drop-statement': return this.changeStatements(repositoryName, action.sid, undefined);
      case 'put-lifecycle': return this.call('PutLifecyclePolicy', { repositoryName, lifecyclePolicyText: JSON.stringify(lifecycleDocument(action.keep)) });
      case 'drop-lifecycle': return this.call('DeleteLifecyclePolicy', { repositoryName });
      case 'tag': return this.call('TagResource', { resourceArn: arnOf(repositoryName), tags: [{ Key: action.key, Value: action.value }] });
      case 'untag': return this.call('UntagResource', { resourceArn: arnOf(repositoryName), tagKeys: [action.key] });
      case 'push': return this.call('PutImage', { repositoryName, imageManifest: manifestOf(action.image), imageTag: action.tag });
      case 'drop-image': return this.call('BatchDeleteImage', { repositoryName, imageIds: [{ imageDigest: digestOf(action.image) }] });
      case 'delete-repository': return this.call('DeleteRepository', { repositoryName, force: true });
      case 'create-repository': return this.call('CreateRepository', { repositoryName });
    }
  }

  private async changeStatements(repositoryName: string, sid: string, statement: object | undefined): Promise<void> {
    const { policyText } = await this.send('GetRepositoryPolicy', { repositoryName });
    const policy = policyText === undefined ? { Version: '2012-10-17', Statement: [] } : JSON.parse(policyText);
    const statements = [...policy.Statement.filter((one: { Sid?: string }) => one.Sid !== sid), ...statement === undefined ? [] : [statement]];
    await (statements.length === 0
      ? this.call('DeleteRepositoryPolicy', { repositoryName })
      : this.call('SetRepositoryPolicy', { repositoryName, policyText: JSON.stringify({ ...policy, Statement: statements }) }));
  }

  private async call(operation: string, input: object): Promise<void> {
    await this.send(operation, input);
  }

  public async send(operation: string, input: object): Promise<any> {
    const response = await fetch(this.endpoint(), {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${operation}` },
      body: JSON.stringify(input),
    });
    return response.json();
  }
}

export function arnOf(repositoryName: string): string {
  return `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${repositoryName}`;
}

const CONFIG = '{"architecture":"amd64","os":"linux"}';

/** An image without layers; its configuration is one that every repository has. */
export function manifestOf(image: number): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(CONFIG), size: CONFIG.length },
    layers: [],
    annotations: { image: String(image) },
  });
}

export function digestOf(image: number): string {
  return sha256(manifestOf(image));
}

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
