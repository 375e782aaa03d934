import { performance } from 'node:perf_hooks';
import { RegistryAsBefore } from './registry-as-before';
import { repositoryNameIn } from './repository-name';
import { Rule } from './rule';
import { Registry } from '../registry/registry';
import { Repository } from '../registry/repository';

/** Reads that can be behind. Layers are known by their content and uploads by their id: those never are. */
const READS: ReadonlySet<string> = new Set([
  'BatchGetImage', 'DescribeImages', 'DescribeRepositories', 'GetLifecyclePolicy', 'GetLifecyclePolicyPreview', 'GetRepositoryPolicy', 'ListImageReferrers', 'ListImages',
  'ListTagsForResource', 'v2:Catalog', 'v2:GetManifest', 'v2:HeadManifest', 'v2:ListReferrers', 'v2:ListTags',
]);
const OF_ALL: ReadonlySet<string> = new Set(['DescribeRepositories', 'v2:Catalog']);
/** Listings that were begun and may go on. */
const PAGES_MAX = 1000;

/** One write that reads are behind: what was there before it, and until when it is seen. */
interface Window {
  readonly rule: Rule;
  readonly before: Repository | undefined;
  readsLeft: number;
  readonly endsReal: number;
  readonly ends: number;
}

type Input = Readonly<Record<string, unknown>>;

/** A read: on which registry it acts, with which input, and how its answer's token must be marked. */
export interface StaleRead {
  readonly registry: Registry;
  readonly input: Input;
  seal<T>(output: T): T;
}

/** What reads see of repositories that were written to a moment ago. */
export class StaleReads {
  /** By repository, oldest write first. */
  private readonly windows = new Map<string, Window[]>();
  private readonly pages = new Map<string, Registry>();
  private pageCount = 0;

  constructor(private readonly registry: Registry, private readonly clock: { now(): number }) {}

  public open(rule: Rule, repositoryName: string, before: Repository | undefined): void {
    const { reads = Infinity, ms = Infinity } = rule.rule as { readonly reads?: number; readonly ms?: number };
    const windows = this.windows.get(repositoryName) ?? [];
    windows.push({ rule, before, readsLeft: reads, endsReal: performance.now() + ms, ends: this.clock.now() + ms });
    this.windows.set(repositoryName, windows);
  }

  /** Ends every window; listings that were begun go on as they were. */
  public close(): void {
    this.windows.clear();
  }

  /** How a call reads, where that is not the present state. */
  public read(operation: string, input: Input): StaleRead | undefined {
    if (!READS.has(operation)) {
      return undefined;
    }
    const [, token, page] = typeof input.nextToken === 'string' ? /^(.*)\.(\d+)$/s.exec(input.nextToken) ?? [] : [];
    if (page !== undefined) {
      const registry = this.pages.get(page);
      return this.staleRead(registry ?? this.registry, { ...input, nextToken: token }, registry !== undefined);
    }
    if (this.windows.size === 0) {
      return undefined;
    }
    const replaced = new Map(this.namesIn(operation, input).flatMap((name) => this.lookAt(name)));
    return replaced.size === 0 ? undefined : this.staleRead(new RegistryAsBefore(this.registry, replaced), input, true);
  }

  private staleRead(registry: Registry, input: Input, isStale: boolean): StaleRead {
    return { registry, input, seal: (output) => (isStale ? this.seal(registry, output) : output) };
  }

  /** The token of a further page says that it belongs to this listing: all of a listing's pages are of one state. */
  private seal<T>(registry: Registry, output: T): T {
    const { nextToken } = output as { readonly nextToken?: unknown };
    if (typeof nextToken !== 'string') {
      return output;
    }
    this.pageCount += 1;
    this.pages.set(String(this.pageCount), registry);
    this.pages.delete(String(this.pageCount - PAGES_MAX));
    return { ...output, nextToken: `${nextToken}.${this.pageCount}` };
  }

  private namesIn(operation: string, input: Input): readonly string[] {
    if (Array.isArray(input.repositoryNames)) {
      return input.repositoryNames.map(String);
    }
    const name = repositoryNameIn(input);
    return OF_ALL.has(operation) ? [...this.windows.keys()] : name === undefined ? [] : [name];
  }

  /** Reads see the state before the oldest write that is not over; the read counts for every one. */
  private lookAt(repositoryName: string): [string, Repository | undefined][] {
    const now = { real: performance.now(), clock: this.clock.now() };
    const open = (this.windows.get(repositoryName) ?? []).filter(({ readsLeft, endsReal, ends }) => readsLeft > 0 && now.real < endsReal && now.clock < ends);
    open.forEach((window) => { window.readsLeft -= 1; });
    if (open.length === 0) {
      this.windows.delete(repositoryName);
      return [];
    }
    this.windows.set(repositoryName, open);
    open[0].rule.staleReads += 1;
    return [[repositoryName, open[0].before]];
  }
}
