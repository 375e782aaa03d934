import { parseDocument, ScalarTag, CollectionTag, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { Input, validationError } from './input';
import { isObject } from '../../assembly/intrinsics';
import { readTemplate, Template } from '../../assembly/template';
import { isDrydockError } from '../../errors';

/** A template as it was given, and as it is understood. */
export interface GivenTemplate {
  readonly body: string;
  readonly template: Template;
}

/** Finds the text of an object by the address of a template in S3. */
export type ReadObject = (bucket: string, key: string) => string | undefined;

const URL_LIMIT = 5120;

/** The template of `TemplateBody` or `TemplateURL`. Undefined: neither was given. */
export function givenTemplate(input: Input, read: ReadObject): GivenTemplate | undefined {
  const [body, url] = [input.text('TemplateBody'), input.text('TemplateURL')];
  if (body !== undefined && url !== undefined) {
    throw validationError('Only one of TemplateBody or TemplateUrl may be specified.');
  }
  const text = url === undefined ? body : templateAt(url, read);
  return text === undefined ? undefined : { body: text, template: templateOf(text) };
}

export function templateAt(url: string, read: ReadObject): string {
  const { bucket, key } = url.length > URL_LIMIT ? { bucket: '', key: '' } : s3Place(url);
  if (bucket === '' || key === '') {
    throw validationError('TemplateURL must be a supported URL.');
  }
  const text = read(bucket, key);
  if (text === undefined) {
    throw validationError('S3 error: The specified key does not exist.\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html');
  }
  return text;
}

/** Bucket and key of an address of S3: path style (also on this machine), or with the bucket in the name of the host. Nothing is fetched. */
export function s3Place(url: string): { bucket: string; key: string } {
  let parsed: URL;
  let path: string[];
  try {
    parsed = new URL(url);
    path = parsed.pathname.slice(1).split('/').map((part) => decodeURIComponent(part));
  } catch {
    return { bucket: '', key: '' };
  }
  const virtual = /^(.+)\.s3[.-][a-z0-9-.]*amazonaws\.com(?:\.cn)?$/.exec(parsed.hostname)?.[1];
  const isS3 = virtual !== undefined || parsed.protocol === 's3:' || /^s3[.-][a-z0-9-.]*amazonaws\.com(?:\.cn)?$/.test(parsed.hostname) || ['127.0.0.1', 'localhost'].includes(parsed.hostname);
  if (!isS3) {
    return { bucket: '', key: '' };
  }
  if (virtual !== undefined) {
    return { bucket: virtual, key: path.join('/') };
  }
  return parsed.protocol === 's3:' ? { bucket: parsed.hostname, key: path.join('/') } : { bucket: path[0], key: path.slice(1).join('/') };
}

/** JSON or YAML, as CloudFormation tells them apart. */
export function templateOf(body: string): Template {
  const json = body.trimStart().startsWith('{') ? fromJson(body) : fromYaml(body);
  if (!isObject(json)) {
    throw validationError('Template format error: unsupported structure.');
  }
  if (!isObject(json.Resources) || Object.keys(json.Resources).length === 0) {
    throw validationError('Template format error: At least one Resources member must be defined.');
  }
  try {
    return readTemplate(json, 'Template');
  } catch (error) {
    throw isDrydockError(error) ? validationError(`Template format error: ${error.problems.map(({ message }) => message).join(' ')}`) : error;
  }
}

function fromJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw validationError(`Template format error: JSON not well-formed. (${(error as Error).message})`);
  }
}

/** The short forms of intrinsic functions: `!Ref X`, `!GetAtt A.B`, `!Sub '...'`. */
const SHORT_FORMS = ['Ref', 'Condition', ...[
  'And', 'Base64', 'Cidr', 'Equals', 'FindInMap', 'ForEach', 'GetAtt', 'GetAZs', 'If', 'ImportValue', 'Join', 'Length', 'Not', 'Or', 'Select', 'Split', 'Sub', 'ToJsonString', 'Transform',
].map((name) => `Fn::${name}`)];

const TAGS = SHORT_FORMS.flatMap((name): (ScalarTag | CollectionTag)[] => {
  const tag = `!${name.replace(/^Fn::/, '')}`;
  const wrap = (value: unknown) => ({ [name]: name === 'Fn::GetAtt' && typeof value === 'string' ? splitOnce(value) : value });
  const collection = (kind: 'seq' | 'map'): CollectionTag => ({
    tag, collection: kind, resolve: (node: YAMLSeq | YAMLMap) => new Scalar(wrap(node.toJSON())),
  });
  return [{ tag, resolve: (value: string) => wrap(value) }, collection('seq'), collection('map')];
});

function splitOnce(value: string): string[] {
  const dot = value.indexOf('.');
  return dot < 0 ? [value] : [value.slice(0, dot), value.slice(dot + 1)];
}

function fromYaml(body: string): unknown {
  const document = parseDocument(body, { customTags: TAGS, maxAliasCount: 0, logLevel: 'error' } as Parameters<typeof parseDocument>[1]);
  const [error] = document.errors;
  if (error !== undefined) {
    throw validationError(`Template format error: YAML not well-formed. (line ${error.linePos?.[0].line ?? 1}, column ${error.linePos?.[0].col ?? 1})`);
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw validationError(`Template format error: YAML not well-formed. (${(cause as Error).message})`);
  }
}
