import { dirname, isAbsolute, join, relative } from 'node:path';
import { assemblyError, problem } from './codes';
import { inOrder } from './graph';
import { isObject } from './intrinsics';
import { readJson } from './read-json';
import { Artifact, AssemblyStack } from './stack';
import { readTemplate, Template } from './template';
import { DrydockError } from '../errors';

export { AssemblyStack } from './stack';

/** A file or folder that `cdk deploy` would upload. */
export interface FileAsset {
  readonly path: string;
  readonly packaging: 'zip' | 'file';
}

/** Where code and templates of assets come from. */
export type AssetSource = Pick<Assembly, 'asset' | 'nestedTemplate'>;

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
    assembly.order = inOrder(graph, directory, 'DD-ASSEMBLY-007');
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

  /** The stacks that these patterns name (stack name, construct path or artifact id; `*` matches anything): all of them without patterns. */
  public matching(patterns: readonly string[] | undefined): AssemblyStack[] {
    const selected = new Set<string>();
    for (const pattern of patterns ?? ['*']) {
      const expression = new RegExp(`^${pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&')).join('.*')}$`);
      const matching = this.stacks.filter((s) => [s.stackName, s.displayName, s.id].some((name) => expression.test(name)));
      if (matching.length === 0 && patterns !== undefined) {
        throw assemblyError('DD-ASSEMBLY-002', this.directory, `No stack of this assembly is called ${pattern}.`, {
          value: pattern, fix: `Use one of ${this.stacks.map((s) => s.displayName).join(', ')}.`,
        });
      }
      matching.forEach((s) => selected.add(s.id));
    }
    return this.stacks.filter((s) => selected.has(s.id));
  }

  /** The same with the stacks that they need, for a rehearsal. */
  public select(patterns: readonly string[] | undefined): AssemblyStack[] {
    const selected = new Set<string>();
    const add = (id: string) => {
      if (!selected.has(id)) {
        selected.add(id);
        this.byId.get(id)?.dependencies.forEach(add);
      }
    };
    this.matching(patterns ?? ['*']).forEach((s) => add(s.id));
    const stacks = this.stacks.filter((s) => selected.has(s.id));
    const twice = stacks.filter((s, i) => stacks.findIndex((o) => o.stackName === s.stackName) !== i);
    if (twice.length > 0) {
      throw new DrydockError(twice.map((s) => problem('DD-ASSEMBLY-002', this.directory, `Several stacks are named ${s.stackName}.`, {
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
    const { path } = this.nestedAsset(url, place);
    return readTemplate(readJson(path), path);
  }

  /** Where the template of a nested stack is, below the folder of the assembly. */
  public nestedTemplateFile(url: string, place: string): string {
    return relative(this.directory, this.nestedAsset(url, place).path);
  }

  private nestedAsset(url: string, place: string): FileAsset {
    const asset = this.asset(url);
    if (asset === undefined || asset.packaging !== 'file') {
      throw assemblyError('DD-ASSEMBLY-008', place, `The template ${url} is not an asset of ${this.directory}.`, {
        value: url, fix: 'Make nested stacks with aws-cdk-lib\'s NestedStack, whose templates are assets.',
      });
    }
    return asset;
  }

  private readDirectory(directory: string, prefix: string): string[] {
    const file = join(directory, 'manifest.json');
    const manifest = readJson(file);
    if (!isObject(manifest) || !isObject(manifest.artifacts)) {
      throw assemblyError('DD-ASSEMBLY-001', file, 'This is not the manifest of a cloud assembly: it has no artifacts.', {
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
        const id = `${prefix}${name}`;
        this.byId.set(id, new AssemblyStack({ root: this.directory, directory, id, artifactName: name }, artifact, needs));
      } else {
        // A stage that needs something: all of its stacks do.
        for (const id of stacksBehind.get(name) ?? []) {
          this.byId.get(id)?.dependencies.push(...needs);
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
