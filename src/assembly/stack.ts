import { join, relative } from 'node:path';
import { constructsOf, NamedConstruct, namedConstructs, withConstructPaths } from './construct-paths';
import { isObject } from './intrinsics';
import { readJson } from './read-json';
import { readTemplate, Template } from './template';

export interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly displayName?: string;
  readonly dependencies?: readonly string[];
  readonly properties?: Record<string, unknown>;
  readonly metadata?: Record<string, unknown>;
  /** Where newer versions of aws-cdk-lib write the metadata. */
  readonly additionalMetadataFile?: string;
}

export interface StackPlace {
  /** Of the whole assembly. */
  readonly root: string;
  /** Of the manifest that names the stack. */
  readonly directory: string;
  readonly id: string;
  readonly artifactName: string;
}

/** A stack of a synthesized app. Its template is read when it is asked for: one that cannot be read is no reason not to look at the others. */
export class AssemblyStack {
  /** Unique in the assembly: the artifact, behind the folder of its stage. */
  public readonly id: string;
  public readonly stackName: string;
  /** The construct path, as the CDK CLI shows it. */
  public readonly displayName: string;
  /** Below the folder of the assembly. */
  public readonly templateFile: string;
  public readonly account?: string;
  public readonly region?: string;
  public readonly tags: Readonly<Record<string, string>>;
  public readonly parameters: Readonly<Record<string, string>>;
  /** Ids of stacks that must be there first. */
  public readonly dependencies: string[];
  private readonly file: string;
  private json?: unknown;
  private made?: Template;
  private constructs?: NamedConstruct[];

  constructor(private readonly place: StackPlace, private readonly artifact: Artifact, dependencies: readonly string[]) {
    const properties = artifact.properties ?? {};
    const [, account, region] = /^aws:\/\/([^/]+)\/([^/]+)$/.exec(artifact.environment ?? '') ?? [];
    this.id = place.id;
    this.stackName = typeof properties.stackName === 'string' ? properties.stackName : place.artifactName;
    this.displayName = artifact.displayName ?? place.id;
    this.file = join(place.directory, String(properties.templateFile));
    this.templateFile = relative(place.root, this.file);
    this.account = account === 'unknown-account' ? undefined : account;
    this.region = region === 'unknown-region' ? undefined : region;
    this.tags = strings(properties.tags);
    this.parameters = strings(properties.parameters);
    this.dependencies = [...dependencies];
  }

  public get template(): Template {
    return this.made ??= withConstructPaths(readTemplate(this.raw, this.file), constructsOf(this.named));
  }

  /** `cdk deploy` leaves such a stack out. */
  public get isEmpty(): boolean {
    return isObject(this.raw) && (this.raw.Resources === undefined || (isObject(this.raw.Resources) && Object.keys(this.raw.Resources).length === 0));
  }

  /** The template of a nested stack with the construct paths that are known; `resourcePath` is the path of the resource that stands for it. */
  public withPathsOfNested(template: Template, resourcePath: string | undefined): Template {
    return resourcePath === undefined ? template : this.withPaths(template, resourcePath);
  }

  /** A template of this stack from elsewhere, or of one that it holds, with the construct paths that are known here. */
  public withPaths(template: Template, resourcePath?: string): Template {
    return withConstructPaths(template, constructsOf(this.named, resourcePath));
  }

  private get raw(): unknown {
    return this.json ??= readJson(this.file);
  }

  private get named(): NamedConstruct[] {
    const { additionalMetadataFile: more, metadata } = this.artifact;
    return this.constructs ??= namedConstructs(metadata, more === undefined ? {} : readJson(join(this.place.directory, more)));
  }
}

function strings(value: unknown): Record<string, string> {
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, String(v)])) : {};
}
