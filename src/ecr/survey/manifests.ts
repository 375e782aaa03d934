import { BatchGetImageCommand, ListPullTimeUpdateExclusionsCommand } from '@aws-sdk/client-ecr';
import { Problem } from '../../errors';
import { surveyProblem } from '../codes';
import { isAccessDenied } from '../errors';
import { Registry } from '../registry';

/** When the manifests of indexes are read. Reading them counts as a pull, unless ECR is told not to count the reader's. */
export type ManifestReading = 'auto' | 'always' | 'never';

/** The most that BatchGetImage takes. */
export const MANIFESTS_A_CALL = 100;

const INDEX_TYPES = ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'];

export interface ChildrenRead {
  readonly children: Readonly<Record<string, readonly string[]>>;
  /** Indexes whose manifest did not come, and why, in ECR's words. */
  readonly failures: readonly { readonly imageDigest: string; readonly failureCode: string }[];
}

/** What indexes list. */
export class ManifestReader {
  private decided: Promise<Problem | undefined> | undefined;

  constructor(private readonly registry: Registry, private readonly reading: ManifestReading, private readonly callerArn: () => Promise<string>) {}

  /** Undefined: manifests may be read. Otherwise why they are not. Asked once. */
  public refusal(): Promise<Problem | undefined> {
    this.decided ??= this.decide();
    return this.decided;
  }

  /** The digests that indexes list; at most MANIFESTS_A_CALL. */
  public async children(repositoryName: string, digests: readonly string[]): Promise<ChildrenRead> {
    const answer = await this.registry.budget.call('ecr:BatchGetImage', (abortSignal) => this.registry.connection.ecr.send(new BatchGetImageCommand({
      repositoryName, imageIds: digests.map((imageDigest) => ({ imageDigest })), acceptedMediaTypes: INDEX_TYPES,
    }), { abortSignal }));
    const children: Record<string, readonly string[]> = {};
    const failures = (answer.failures ?? []).map(({ imageId, failureCode }) => ({ imageDigest: imageId?.imageDigest ?? '', failureCode: failureCode ?? 'Unknown' }));
    for (const { imageId, imageManifest = '' } of answer.images ?? []) {
      const listed = listedIn(imageManifest);
      const imageDigest = imageId?.imageDigest ?? '';
      if (listed === undefined) {
        failures.push({ imageDigest, failureCode: 'NotAnIndex' });
      } else {
        children[imageDigest] = listed;
      }
    }
    return { children, failures };
  }

  private async decide(): Promise<Problem | undefined> {
    switch (this.reading) {
      case 'always': return undefined;
      case 'never': return unread('as was asked', 'Leave out --manifests never.');
      case 'auto': return this.whetherExcluded();
    }
  }

  private async whetherExcluded(): Promise<Problem | undefined> {
    let excluded: readonly string[];
    try {
      excluded = await this.exclusions();
    } catch (error) {
      // A stand-in for ECR may not know the operation.
      if (isAccessDenied(error) || (error instanceof Error && ['UnsupportedOperationException', 'UnknownOperationException'].includes(error.name))) {
        return unread(`and ${(error as Error).name} keeps from telling whether pulls of this caller count`, READ_ANYWAY);
      }
      throw error;
    }
    if (excluded.length === 0) {
      return unread('and the registry excludes no principal from that', EXCLUDE);
    }
    let arn: string;
    try {
      arn = await this.callerArn();
    } catch (error) {
      return unread(`and who the caller is could not be found out (${(error as Error).name})`, READ_ANYWAY);
    }
    return excluded.some((principal) => isPrincipal(principal, arn)) ? undefined : unread(`and ${arn} is not excluded from that`, EXCLUDE);
  }

  private async exclusions(): Promise<string[]> {
    const found: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.registry.budget.call('ecr:ListPullTimeUpdateExclusions', (abortSignal) =>
        this.registry.connection.ecr.send(new ListPullTimeUpdateExclusionsCommand({ ...(nextToken === undefined ? {} : { nextToken }) }), { abortSignal }));
      found.push(...page.pullTimeUpdateExclusions ?? []);
      nextToken = page.nextToken || undefined;
    } while (nextToken !== undefined);
    return found;
  }
}

const EXCLUDE = 'Exclude its role or user with `aws ecr register-pull-time-update-exclusion --principal-arn ...`, or give --manifests always.';
const READ_ANYWAY = 'Give --manifests always to read them all the same.';

function unread(why: string, fix: string): Problem {
  return surveyProblem('DD-SURVEY-102', 'manifestChildren', `What indexes list was not read: reading a manifest counts as a pull, ${why}.`, { fix });
}

/** A session of a role names the role without its path. */
export function isPrincipal(principalArn: string, callerArn: string): boolean {
  if (principalArn === callerArn) {
    return true;
  }
  const session = /^arn:([^:]+):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(callerArn);
  const role = /^arn:([^:]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(principalArn);
  return session !== null && role !== null && session.slice(1).every((part, i) => part === role[i + 1]);
}

function listedIn(manifest: string): string[] | undefined {
  try {
    const { manifests } = JSON.parse(manifest) as { manifests?: { digest?: unknown }[] };
    return Array.isArray(manifests) ? manifests.flatMap((entry) => typeof entry?.digest === 'string' ? [entry.digest] : []) : undefined;
  } catch {
    return undefined;
  }
}
