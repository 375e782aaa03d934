import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { problem, rehearsalError } from './codes';
import { inOrder } from './graph';
import { isObject } from './intrinsics';
import { readTemplate, Template } from './template';
import { DrydockError } from '../errors';

/** A file or folder that `cdk deploy` would upload. */
export interface FileAsset {
  readonly path: string;
  readonly packaging: 'zip' | 'file';
}

/** Where code and templates of assets come from. */
export type AssetSource = Pick<Assembly, 'asset' | 'nestedTemplate'>;

export interface AssemblyStack {
  /** Unique in the assembly: the artifact, behind the folder of its stage. */
  readonly id: string;
  readonly stackName: string;
  /** The construct path, as the CDK CLI shows it. */
  readonly displayName: string;
  readonly template: Template;
  readonly account?: string;
  readonly region?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  /** Ids of stacks that must be there first. */
  readonly dependencies: readonly string[];
}

/** Many times what a template of CloudFormation's size limits needs. */
const MAXIMUM_DEPTH = 500;

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly displayName?: string;
  readonly dependencies?: readonly string[];
  readonly properties?: Record<string, unknown>;
  readonly metadata?: Record<string, unknown>;
  /** Where newer versions of aws-cdk-lib write the metadata. */
  readonly additionalMetadataFile?: string;
}

interface FileEntry {
  readonly source?: { readonly path?: string; readonly packaging?: string };
  readonly destinations?: Record<string, { readonly objectKey?: string }>;
}

/** A synthesized app (`cdk.out`): its stacks in an order in which they can be deployed, and its assets. */
export class Assembly {
  public static read(directory: string): Assembly {
    const assembly = new Assembly(directory);
    assembly.readDirectory(directory, '');
    const graph = new Map([...assembly.byId].map(([id, stack]) => [id, stack.dependencies]));
    assembly.order = inOrder(graph, directory, 'DD-REHEARSAL-010');
    return assembly;
  }

  private readonly byId = new Map<string, AssemblyStack>();
  private readonly assets = new Map<string, FileAsset>();
  private order: string[] = [];

  private constructor(public readonly directory: string) {}

  /** In deployment order. */
  public get stacks(): AssemblyStack[] {
    return this.order.map((id) => this.byId.get(id) as AssemblyStack);
  }

  /**
   * The stacks that these patterns name (stack name, construct path or artifact id; `*` matches anything), with the stacks that they
   * need: all of them without patterns.
   */
  public select(patterns: readonly string[] | undefined): AssemblyStack[] {
    const selected = new Set<string>();
    const add = (id: string) => {
      if (!selected.has(id)) {
        selected.add(id);
        this.byId.get(id)?.dependencies.forEach(add);
      }
    };
    for (const pattern of patterns ?? ['*']) {
      const expression = new RegExp(`^${pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&')).join('.*')}$`);
      const matching = this.stacks.filter((s) => [s.stackName, s.displayName, s.id].some((name) => expression.test(name)));
      if (matching.length === 0) {
        throw rehearsalError('DD-REHEARSAL-002', this.directory, `No stack of this assembly is called ${pattern}.`, {
          value: pattern, fix: `Use one of ${this.stacks.map((s) => s.displayName).join(', ')}.`,
        });
      }
      matching.forEach((s) => add(s.id));
    }
    const stacks = this.stacks.filter((s) => selected.has(s.id));
    const twice = stacks.filter((s, i) => stacks.findIndex((o) => o.stackName === s.stackName) !== i);
    if (twice.length > 0) {
      throw new DrydockError(twice.map((s) => problem('DD-REHEARSAL-002', this.directory, `Several stacks are named ${s.stackName}.`, {
        value: s.displayName, fix: 'The rehearsal has one account and Region: name the stacks of one environment.',
      })));
    }
    return stacks;
  }

  /** The asset behind an S3 key or URL, which ends in the key. */
  public asset(keyOrUrl: string): FileAsset | undefined {
    return this.assets.get(keyOrUrl) ?? this.assets.get(keyOrUrl.slice(keyOrUrl.lastIndexOf('/') + 1));
  }

  /** The template of a nested stack. */
  public nestedTemplate(url: string, place: string): Template {
    const asset = this.asset(url);
    if (asset === undefined || asset.packaging !== 'file') {
      throw rehearsalError('DD-REHEARSAL-012', place, `The template ${url} is not an asset of ${this.directory}.`, {
        value: url, fix: 'Rehearse nested stacks that are made by aws-cdk-lib\'s NestedStack.',
      });
    }
    return readTemplate(readJson(asset.path), asset.path);
  }

  private readDirectory(directory: string, prefix: string): string[] {
    const file = join(directory, 'manifest.json');
    const manifest = readJson(file);
    if (!isObject(manifest) || !isObject(manifest.artifacts)) {
      throw rehearsalError('DD-REHEARSAL-001', file, 'This is not the manifest of a cloud assembly: it has no artifacts.', {
        fix: 'Run `cdk synth` and give the folder that it writes (cdk.out).',
      });
    }
    const artifacts = manifest.artifacts as Record<string, Artifact>;
    const stacksBehind = new Map<string, string[]>();
    for (const [name, artifact] of Object.entries(artifacts)) {
      const properties = artifact.properties ?? {};
      if (artifact.type === 'cdk:asset-manifest') {
        this.readAssets(join(directory, String(properties.file)));
      } else if (artifact.type === 'cdk:cloud-assembly') {
        stacksBehind.set(name, this.readDirectory(join(directory, String(properties.directoryName)), `${prefix}${name}/`));
      } else if (artifact.type === 'aws:cloudformation:stack') {
        stacksBehind.set(name, [`${prefix}${name}`]);
      }
    }
    for (const [name, artifact] of Object.entries(artifacts)) {
      const needs = needed(name, artifacts).flatMap((other) => stacksBehind.get(other) ?? []);
      if (artifact.type === 'aws:cloudformation:stack') {
        this.byId.set(`${prefix}${name}`, readStack(`${prefix}${name}`, name, artifact, directory, needs));
      } else {
        // A stage that needs something: all of its stacks do.
        for (const id of stacksBehind.get(name) ?? []) {
          const stack = this.byId.get(id) as AssemblyStack;
          this.byId.set(id, { ...stack, dependencies: [...stack.dependencies, ...needs] });
        }
      }
    }
    return [...stacksBehind.values()].flat();
  }

  private readAssets(file: string): void {
    const manifest = readJson(file);
    const files = isObject(manifest) && isObject(manifest.files) ? manifest.files : {};
    for (const entry of Object.values(files) as FileEntry[]) {
      if (typeof entry.source?.path !== 'string') {
        continue;
      }
      const path = isAbsolute(entry.source.path) ? entry.source.path : join(dirname(file), entry.source.path);
      for (const destination of Object.values(entry.destinations ?? {})) {
        if (typeof destination.objectKey === 'string') {
          const asset: FileAsset = { path, packaging: entry.source.packaging === 'zip' ? 'zip' : 'file' };
          this.assets.set(destination.objectKey, asset);
          this.assets.set(destination.objectKey.slice(destination.objectKey.lastIndexOf('/') + 1), asset);
        }
      }
    }
  }
}

/** Artifacts that one needs, through asset manifests, which have dependencies of their own. */
function needed(name: string, artifacts: Record<string, Artifact>): string[] {
  const found = new Set<string>();
  const visit = (current: string) => {
    for (const other of artifacts[current]?.dependencies ?? []) {
      if (other !== name && !found.has(other)) {
        found.add(other);
        if (artifacts[other]?.type === 'cdk:asset-manifest') {
          visit(other);
        }
      }
    }
  };
  visit(name);
  return [...found];
}

function readStack(id: string, name: string, artifact: Artifact, directory: string, dependencies: readonly string[]): AssemblyStack {
  const properties = artifact.properties ?? {};
  const file = join(directory, String(properties.templateFile));
  const [, account, region] = /^aws:\/\/([^/]+)\/([^/]+)$/.exec(artifact.environment ?? '') ?? [];
  return {
    id,
    stackName: typeof properties.stackName === 'string' ? properties.stackName : name,
    displayName: artifact.displayName ?? id,
    template: withConstructPaths(readTemplate(readJson(file), file), artifact, directory),
    account: account === 'unknown-account' ? undefined : account,
    region: region === 'unknown-region' ? undefined : region,
    tags: strings(properties.tags),
    parameters: strings(properties.parameters),
    dependencies,
  };
}

/** Templates name construct paths only when the CDK CLI made them; the metadata of the assembly always does. */
function withConstructPaths(template: Template, artifact: Artifact, directory: string): Template {
  const more = artifact.additionalMetadataFile === undefined ? {} : readJson(join(directory, artifact.additionalMetadataFile));
  const paths = new Map<string, string | undefined>();
  for (const [path, entries] of [artifact.metadata, more].flatMap((metadata) => isObject(metadata) ? Object.entries(metadata) : [])) {
    for (const entry of Array.isArray(entries) ? entries as { type?: string; data?: unknown }[] : []) {
      if (entry.type === 'aws:cdk:logicalId' && typeof entry.data === 'string') {
        // Two constructs with one logical ID: one of them is in a nested stack.
        paths.set(entry.data, paths.has(entry.data) ? undefined : path.replace(/^\//, ''));
      }
    }
  }
  const resources = Object.fromEntries(Object.entries(template.Resources).map(([id, resource]) => [
    id, paths.get(id) !== undefined ? { ...resource, Metadata: { 'aws:cdk:path': paths.get(id), ...resource.Metadata } } : resource,
  ]));
  return { ...template, Resources: resources };
}

function strings(value: unknown): Record<string, string> {
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, String(v)])) : {};
}

function readJson(file: string): unknown {
  if (!existsSync(file)) {
    throw rehearsalError('DD-REHEARSAL-001', file, 'This file of the cloud assembly does not exist.', {
      fix: 'Run `cdk synth` and give the folder that it writes (cdk.out).',
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw rehearsalError('DD-REHEARSAL-001', file, `This file of the cloud assembly is not JSON: ${(cause as Error).message}.`, {
      fix: 'Run `cdk synth` again.', cause,
    });
  }
  if (isDeeperThan(MAXIMUM_DEPTH, json)) {
    throw rehearsalError('DD-REHEARSAL-001', file, `This file of the cloud assembly is nested more than ${MAXIMUM_DEPTH} levels deep.`, {
      fix: 'Is it what `cdk synth` wrote?',
    });
  }
  return json;
}

/** Level by level, so that no nesting can exhaust the call stack here or later. */
function isDeeperThan(maximum: number, json: unknown): boolean {
  let level: unknown[] = [json];
  for (let depth = 0; depth <= maximum && level.length > 0; depth += 1) {
    level = level.flatMap((value) => typeof value === 'object' && value !== null ? Object.values(value) : []);
  }
  return level.length > 0;
}
