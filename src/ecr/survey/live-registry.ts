import { indexesOf } from './details';
import { surveyFailure } from './failure';
import { inOrder } from '../in-order';
import { ManifestReader, ManifestReading, MANIFESTS_A_CALL } from './manifests';
import { CEILINGS, Pace } from './pace';
import { PacedBudget } from './paced-budget';
import { isProblem, problemsOfChildren, SurveyReader } from './reader';
import { Problem } from '../../errors';
import { ActionType, ImageDetail, Inventory, Timestamp } from '../../lifecycle/model';
import { RegistryState, RepositoryState } from '../../lifecycle/registry-state';
import { batches } from '../../lists';
import { callerIdentity } from '../caller';
import { connect, Connection } from '../client';
import { surveyError } from '../codes';
import { isAccessDenied } from '../errors';
import { PolicyPreviewer, isPreviewLost } from '../policy-preview';
import { Registry } from '../registry';
import { registryText, shellConnection, ShellOptions } from '../shell';

export interface LiveOptions extends ShellOptions {
  /** @default auto */
  readonly manifests?: ManifestReading;
  /** Calls under way at the same time. @default 8 */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
}

/** An image of ECR's own preview. */
export interface EcrPreviewImage {
  readonly imageDigest: string;
  readonly imageTags: readonly string[];
  readonly imagePushedAt?: Timestamp;
  readonly action: ActionType;
  readonly appliedRulePriority: number;
}

export const DEFAULT_CONCURRENCY = 8;
const PREVIEW_TIMING = { previewPollMillis: 250, previewPollMaxMillis: 5_000, previewRestarts: 20 };

/** A registry of AWS, or of a stand-in, read live: nothing is changed in it, pull times included. Everything that fails has a code. */
export class LiveRegistry implements RegistryState {
  public readonly reader: SurveyReader;
  /** The endpoint or Region, in words. */
  public readonly where: string;
  private readonly connection: Connection;
  private readonly pace: Pace;
  private readonly budget: PacedBudget;
  private listed: Promise<readonly string[] | undefined> | undefined;

  constructor(private readonly options: LiveOptions = {}) {
    const shell = shellConnection(options);
    this.where = registryText(options, shell.region);
    this.connection = connect(shell);
    this.pace = new Pace({ concurrency: options.concurrency ?? DEFAULT_CONCURRENCY, ceilings: CEILINGS });
    this.budget = new PacedBudget(options.signal ?? new AbortController().signal, this.pace);
    const registry = new Registry(this.connection, this.budget);
    this.reader = new SurveyReader(registry, new ManifestReader(registry, options.manifests ?? 'auto', async () => (await callerIdentity(options, this.budget)).Arn ?? ''));
  }

  /** Calls that were made, repeated ones included, by IAM action. */
  public get calls(): Readonly<Record<string, number>> {
    return this.pace.calls;
  }

  /** Calls that were throttled, and made again. */
  public get throttled(): number {
    return this.pace.throttled;
  }

  /** The registry's own time in milliseconds, once it has answered. */
  public now(): number | undefined {
    return this.connection.clock.now();
  }

  public region(): Promise<string> {
    return this.guard(() => this.connection.ecr.config.region());
  }

  /** All names, sorted; undefined where the caller may not list them. */
  public async names(): Promise<readonly string[] | undefined> {
    this.listed ??= this.list();
    return this.listed;
  }

  public repository(repositoryName: string): Promise<RepositoryState | undefined> {
    return this.guard(async () => {
      const described = await this.reader.describe(repositoryName);
      if (described === undefined) {
        return undefined;
      }
      const [head, read] = await Promise.all([
        this.reader.head(described.settings, described.problem && [described.problem]),
        this.inventory(repositoryName),
      ]);
      if (head === undefined || read === undefined) {
        return undefined;
      }
      const problems = [...head.problems, ...read.problems];
      return {
        settings: head.settings,
        ...(head.lifecyclePolicyText !== undefined && { lifecyclePolicyText: head.lifecyclePolicyText }),
        ...(head.repositoryPolicyText !== undefined && { repositoryPolicyText: head.repositoryPolicyText }),
        ...(read.inventory && { inventory: read.inventory }),
        ...(problems.length > 0 && { problems }),
      };
    });
  }

  /** The same for many, in their order, several at a time. */
  public repositories(repositoryNames: readonly string[]): AsyncGenerator<RepositoryState | undefined> {
    return inOrder(repositoryNames, this.options.concurrency ?? DEFAULT_CONCURRENCY, (name) => this.repository(name));
  }

  /** What ECR itself says that a policy would do to the images of a repository. */
  public previewPolicy(repositoryName: string, lifecyclePolicyText: string): Promise<readonly EcrPreviewImage[]> {
    return this.guard(async () => {
      try {
        const results = await new PolicyPreviewer(this.reader.images, this.budget, PREVIEW_TIMING).preview({ repositoryName }, lifecyclePolicyText);
        return results.map(({ imageDigest = '', imageTags = [], imagePushedAt, action, appliedRulePriority = 0 }) => ({
          imageDigest, imageTags, ...(imagePushedAt && { imagePushedAt }), action: action?.type === 'TRANSITION' ? 'TRANSITION' : 'EXPIRE', appliedRulePriority,
        }));
      } catch (error) {
        throw isPreviewLost(error)
          ? surveyError('DD-SURVEY-009', repositoryName, `ECR's preview of the policy on ${repositoryName} ${LOST[error.how]}.`, { fix: 'Try again later, when nobody else previews policies on it.', cause: error })
          : error;
      }
    });
  }

  public close(): void {
    this.connection.close();
  }

  /** Runs what makes calls; whatever they fail with gets a code. */
  public async guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw surveyFailure(error, this.where);
    }
  }

  private async inventory(repositoryName: string): Promise<{ readonly inventory?: Inventory; readonly problems: readonly Problem[] } | undefined> {
    const imageDetails: ImageDetail[] = [];
    for (let nextToken: string | undefined; ;) {
      const page = await this.reader.page(repositoryName, nextToken);
      if (page === undefined || isProblem(page)) {
        return page && { problems: [page] };
      }
      imageDetails.push(...page.images);
      nextToken = page.nextToken;
      if (nextToken === undefined) {
        break;
      }
    }
    const { manifestChildren, problems } = await this.children(repositoryName, imageDetails);
    return { inventory: { imageDetails, ...(manifestChildren && { manifestChildren }) }, problems };
  }

  private async children(repositoryName: string, images: readonly ImageDetail[]): Promise<{ readonly manifestChildren?: Inventory['manifestChildren']; readonly problems: readonly Problem[] }> {
    const indexes = indexesOf(images);
    if (indexes.length === 0) {
      return { problems: [] };
    }
    const refusal = await this.reader.manifests.refusal();
    if (refusal !== undefined) {
      return { problems: [{ ...refusal, pointer: `${repositoryName}/${refusal.pointer}` }] };
    }
    const read = await Promise.all(batches(indexes, MANIFESTS_A_CALL).map((digests) => this.reader.children(repositoryName, digests)));
    return {
      manifestChildren: Object.assign({}, ...read.map(({ children }) => children)) as Inventory['manifestChildren'],
      problems: problemsOfChildren(repositoryName, read),
    };
  }

  private list(): Promise<readonly string[] | undefined> {
    return this.guard(async () => {
      const names: string[] = [];
      try {
        for await (const page of this.reader.descriptions()) {
          names.push(...page.map(({ repositoryName }) => repositoryName));
        }
      } catch (error) {
        if (isAccessDenied(error)) {
          return undefined;
        }
        throw error;
      }
      return names.sort();
    });
  }
}

const LOST = { failed: 'ended as FAILED, twice', expired: 'expired, twice, before it could be read', replaced: 'was replaced by others again and again' } as const;
