import { DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import { imageDetail, repositorySettings } from './details';
import { ChildrenRead, ManifestReader } from './manifests';
import { Problem } from '../../errors';
import { ImageDetail, RepositorySettings } from '../../lifecycle/model';
import { surveyProblem } from '../codes';
import { isAccessDenied, isRepositoryNotFound } from '../errors';
import { ImageReader } from '../images';
import { Registry } from '../registry';

const REPOSITORIES_PAGE = 1000;

/** What a repository is, besides its images. */
export interface RepositoryHead {
  readonly settings: RepositorySettings;
  readonly lifecyclePolicyText?: string;
  readonly repositoryPolicyText?: string;
  /** What was denied; the member is then absent. */
  readonly problems: readonly Problem[];
}

export interface SurveyedPage {
  readonly images: readonly ImageDetail[];
  readonly nextToken?: string;
}

export interface SurveyedChildren {
  readonly children: Readonly<Record<string, readonly string[]>>;
  readonly problem?: Problem;
  /** What the problem is made of, where manifests did not come. */
  readonly failures?: ChildrenRead['failures'];
}

/** Reads of a registry: what is denied for one repository is told and left out. */
export class SurveyReader {
  public readonly images: ImageReader;

  constructor(public readonly registry: Registry, public readonly manifests: ManifestReader) {
    this.images = new ImageReader(registry);
  }

  /** All repositories, a page at a time. */
  public async *descriptions(): AsyncGenerator<readonly RepositorySettings[]> {
    let nextToken: string | undefined;
    do {
      const page = await this.registry.budget.call('ecr:DescribeRepositories', (abortSignal) => this.registry.connection.ecr.send(new DescribeRepositoriesCommand({
        maxResults: REPOSITORIES_PAGE, ...(nextToken === undefined ? {} : { nextToken }),
      }), { abortSignal }));
      yield (page.repositories ?? []).map(repositorySettings);
      nextToken = page.nextToken || undefined;
    } while (nextToken !== undefined);
  }

  /** Undefined: there is none. Denied: nothing but the name, and a problem. */
  public async describe(repositoryName: string): Promise<{ readonly settings: RepositorySettings; readonly problem?: Problem } | undefined> {
    try {
      const repository = await this.registry.describeRepository({ repositoryName });
      return repository && { settings: repositorySettings(repository) };
    } catch (error) {
      if (isAccessDenied(error)) {
        return { settings: { repositoryName }, problem: denied(repositoryName, 'settings', 'ecr:DescribeRepositories', error) };
      }
      throw error;
    }
  }

  /** Undefined: it went away meanwhile. */
  public async head(settings: RepositorySettings, known: readonly Problem[] = []): Promise<RepositoryHead | undefined> {
    const { repositoryName, repositoryArn } = settings;
    const problems: Problem[] = [...known];
    const read = async <T>(member: string, action: string, get: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await get();
      } catch (error) {
        if (isAccessDenied(error)) {
          problems.push(denied(repositoryName, member, action, error));
          return undefined;
        }
        throw error;
      }
    };
    try {
      const [lifecyclePolicyText, repositoryPolicyText, tags] = await Promise.all([
        read('lifecyclePolicyText', 'ecr:GetLifecyclePolicy', () => this.registry.getLifecyclePolicy({ repositoryName })),
        read('repositoryPolicyText', 'ecr:GetRepositoryPolicy', () => this.registry.getRepositoryPolicy({ repositoryName })),
        repositoryArn === undefined ? undefined : read('tags', 'ecr:ListTagsForResource', () => this.registry.listTags(repositoryArn)),
      ]);
      return {
        settings: { ...settings, ...(tags && tags.length > 0 && { tags: [...tags].sort((a, b) => a.Key < b.Key ? -1 : 1) }) },
        ...(lifecyclePolicyText !== undefined && { lifecyclePolicyText }),
        ...(repositoryPolicyText !== undefined && { repositoryPolicyText }),
        problems: problems.sort((a, b) => a.pointer < b.pointer ? -1 : 1),
      };
    } catch (error) {
      if (isRepositoryNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /** A page of images, or the problem that they may not be read. Undefined: the repository went away. */
  public async page(repositoryName: string, nextToken?: string): Promise<SurveyedPage | Problem | undefined> {
    try {
      const page = await this.images.imagesPage({ repositoryName }, nextToken);
      return { ...page, images: page.images.map(imageDetail) };
    } catch (error) {
      if (isRepositoryNotFound(error)) {
        return undefined;
      }
      if (isAccessDenied(error)) {
        return denied(repositoryName, 'imageDetails', 'ecr:DescribeImages', error);
      }
      throw error;
    }
  }

  /** What the indexes list, as far as it may be read. */
  public async children(repositoryName: string, digests: readonly string[]): Promise<SurveyedChildren> {
    try {
      const { children, failures } = await this.manifests.children(repositoryName, digests);
      return { children, ...(failures.length > 0 && { failures, problem: unreadable(repositoryName, failures) }) };
    } catch (error) {
      if (isAccessDenied(error) || isRepositoryNotFound(error)) {
        return { children: {}, problem: denied(repositoryName, 'manifestChildren', 'ecr:BatchGetImage', error) };
      }
      throw error;
    }
  }
}

export function isProblem(value: object): value is Problem {
  return 'code' in value;
}

function denied(repositoryName: string, member: string, action: string, error: unknown): Problem {
  return surveyProblem('DD-SURVEY-101', `${repositoryName}/${member}`, `${member} of ${repositoryName} could not be read: ${action} is not allowed.`, {
    fix: `Allow ${action} on the repository, in the caller's policies and in the repository's own.`, awsMessage: (error as Error).message,
  });
}

/** The problems of several readings of one repository: what did not come is one, with the whole number. */
export function problemsOfChildren(repositoryName: string, read: readonly Pick<SurveyedChildren, 'problem' | 'failures'>[]): Problem[] {
  const failures = new Map(read.flatMap((one) => one.failures ?? []).map((failure) => [failure.imageDigest, failure]));
  return [
    ...read.flatMap(({ problem, failures: own }) => problem === undefined || own !== undefined ? [] : [problem]),
    ...failures.size === 0 ? [] : [unreadable(repositoryName, [...failures.values()])],
  ];
}

function unreadable(repositoryName: string, failures: ChildrenRead['failures']): Problem {
  const codes = [...new Set(failures.map(({ failureCode }) => failureCode))].sort();
  return surveyProblem('DD-SURVEY-103', `${repositoryName}/manifestChildren`,
    `${failures.length === 1 ? 'The manifest of one index' : `The manifests of ${failures.length} indexes`} of ${repositoryName} could not be read (${codes.join(', ')}): ${failures[0].imageDigest}${failures.length > 1 ? ' and others' : ''}.`,
    { fix: 'Untagged images that only they hold are shown as if nothing held them.' });
}
