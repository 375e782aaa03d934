import { NATIVE_TYPE, TEMPLATE_TYPE, textOrJson } from './declared';
import { DesiredResource } from './desired';
import { finding } from './finding';
import { ResourcePair } from './pairs';
import { stable } from '../access/compare';
import { escapePointer } from '../assembly/partial';
import { PlanFinding } from '../report/plan';

/** Properties that cannot be changed in place; `*`: none can. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ECR.html */
const CREATE_ONLY: Readonly<Record<string, readonly string[]>> = {
  'AWS::ECR::PullThroughCacheRule': ['*'],
  [TEMPLATE_TYPE]: ['Prefix'],
  'AWS::ECR::PullTimeUpdateExclusion': ['PrincipalArn'],
  'AWS::ECR::PublicRepository': ['RepositoryName'],
};

/** What a change of the type is about, for people. */
const EFFECTS: Readonly<Record<string, string>> = {
  'AWS::ECR::RegistryPolicy': 'who may replicate into this registry and fill its pull through cache',
  'AWS::ECR::ReplicationConfiguration': 'where images are replicated to; images that were replicated stay there',
  'AWS::ECR::PullThroughCacheRule': 'which upstream registry answers under the prefix; repositories that were filled stay',
  [TEMPLATE_TYPE]: 'how repositories are made from now on; those that were made stay as they are',
  'AWS::ECR::RegistryScanningConfiguration': 'which images are scanned, and when',
  'AWS::ECR::SigningConfiguration': 'which images are signed',
  'AWS::ECR::PullTimeUpdateExclusion': 'whose pulls count for lifecycle rules',
  'AWS::ECR::PublicRepository': 'a repository of Amazon ECR Public',
};

/** Everything of a registry beside its repositories: made, changed or removed, with the properties that differ. */
export function registryChanges(pairs: readonly ResourcePair[]): PlanFinding[] {
  return pairs.filter(({ before, after, changed }) => changed && isOfRegistry((after ?? before)!)).map(({ before, after, isUnknown }) => {
    const resource = (after ?? before)!;
    const short = resource.type.replace('AWS::ECR::', '');
    const about = EFFECTS[resource.type];
    const diffs = before === undefined || after === undefined ? [] : propertyDiffs(before.properties, after.properties);
    const replaces = diffs.some(({ pointer }) => (CREATE_ONLY[resource.type] ?? []).some((name) => name === '*' || pointer.split('/')[1] === name));
    const what = isUnknown ? 'may change' : before === undefined ? 'is made' : after !== undefined ? replaces ? 'is replaced' : 'changes'
      : resource.deletionPolicy.startsWith('Retain') ? 'leaves the app and stays in force' : 'is removed';
    const list = before === undefined ? propertyDiffs({}, resource.properties) : diffs;
    const told = list.slice(0, SHOWN).map(({ pointer, was, is }) => was === undefined ? `${pointer} is ${is}` : is === undefined ? `${pointer} was ${was}` : `${pointer}: ${was} becomes ${is}`);
    const more = list.length > SHOWN ? [`and ${list.length - SHOWN} more`] : [];
    return finding(resource, replaces || after === undefined ? 'warning' : 'note', 'DD-REVIEW-240',
      `${short} ${what}${about === undefined ? '' : `: ${about}`}.${list.length === 0 ? '' : ` ${[...told, ...more].join('; ')}.`}`, 'Read the properties; their effect is not analysed.', list[0]?.pointer);
  });
}

const SHOWN = 12;

function isOfRegistry({ type }: DesiredResource): boolean {
  return type.startsWith('AWS::ECR::') && type !== NATIVE_TYPE;
}

export interface PropertyDiff {
  readonly pointer: string;
  readonly was?: string;
  readonly is?: string;
}

/** What differs, as deep as it goes. */
export function propertyDiffs(before: unknown, after: unknown, pointer = ''): PropertyDiff[] {
  if (stable(before) === stable(after)) {
    return [];
  }
  if (isContainer(before) && isContainer(after) && Array.isArray(before) === Array.isArray(after)) {
    const [was, is] = [before as Record<string, unknown>, after as Record<string, unknown>];
    return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) => propertyDiffs(was[key], is[key], `${pointer}/${escapePointer(key)}`));
  }
  return [{ pointer, ...(before !== undefined && { was: cut(textOrJson(before)) }), ...(after !== undefined && { is: cut(textOrJson(after)) }) }];
}

function isContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function cut(text: string): string {
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
