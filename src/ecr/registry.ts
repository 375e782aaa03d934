import {
  CreateRepositoryCommand, CreateRepositoryCommandInput, DeleteLifecyclePolicyCommand, DeleteRepositoryCommand, DeleteRepositoryPolicyCommand,
  DescribeRepositoriesCommand, GetLifecyclePolicyCommand, GetRepositoryPolicyCommand, ListTagsForResourceCommand,
  PutImageScanningConfigurationCommand, PutImageTagMutabilityCommand, PutLifecyclePolicyCommand, Repository,
  SetRepositoryPolicyCommand, TagResourceCommand, UntagResourceCommand,
} from '@aws-sdk/client-ecr';
import { Connection } from './client';
import { isLifecyclePolicyNotFound, isRepositoryNotFound, isRepositoryPolicyNotFound } from './errors';
import { Budget } from './retry';

/** A repository as every operation addresses it. */
export interface RepositoryAddress {
  readonly repositoryName: string;
  /** The caller's own registry when absent. */
  readonly registryId?: string;
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export interface TagMutability {
  readonly imageTagMutability: string;
  readonly imageTagMutabilityExclusionFilters?: readonly { readonly filterType: string; readonly filter: string }[];
}

export type RepositoryDescription = Repository;
export type RepositoryCreation = CreateRepositoryCommandInput;

/** The calls that change or describe a repository, within the budget of one run. What is not there is undefined, not an error. */
export class Registry {
  constructor(public readonly connection: Connection, public readonly budget: Budget) {}

  /** The registry's own time; see RegistryClock. */
  public now(): number | undefined {
    return this.connection.clock.now();
  }

  public async createRepository(input: RepositoryCreation): Promise<RepositoryDescription> {
    const { repository } = await this.budget.call('ecr:CreateRepository', (abortSignal) =>
      this.connection.ecr.send(new CreateRepositoryCommand(input), { abortSignal }));
    return repository as RepositoryDescription;
  }

  public async describeRepository({ repositoryName, registryId }: RepositoryAddress): Promise<RepositoryDescription | undefined> {
    return unless(isRepositoryNotFound, async () => {
      const { repositories } = await this.budget.call('ecr:DescribeRepositories', (abortSignal) =>
        this.connection.ecr.send(new DescribeRepositoriesCommand({ registryId, repositoryNames: [repositoryName] }), { abortSignal }));
      return repositories?.[0];
    });
  }

  /** Sent once, see Budget.once. */
  public async deleteRepository(address: RepositoryAddress, force: boolean): Promise<void> {
    await unless(isRepositoryNotFound, () => this.budget.once('ecr:DeleteRepository', (abortSignal) =>
      this.connection.ecr.send(new DeleteRepositoryCommand({ ...address, force }), { abortSignal })));
  }

  public async putImageTagMutability(address: RepositoryAddress, mutability: TagMutability): Promise<void> {
    await this.budget.call('ecr:PutImageTagMutability', (abortSignal) =>
      this.connection.ecr.send(new PutImageTagMutabilityCommand({ ...address, ...mutability as object } as never), { abortSignal }));
  }

  public async putImageScanningConfiguration(address: RepositoryAddress, scanOnPush: boolean): Promise<void> {
    await this.budget.call('ecr:PutImageScanningConfiguration', (abortSignal) =>
      this.connection.ecr.send(new PutImageScanningConfigurationCommand({
        ...address, imageScanningConfiguration: { scanOnPush },
      }), { abortSignal }));
  }

  /** Undefined when the repository does not exist. */
  public async listTags(resourceArn: string): Promise<readonly Tag[] | undefined> {
    return unless(isRepositoryNotFound, async () => {
      const { tags } = await this.budget.call('ecr:ListTagsForResource', (abortSignal) =>
        this.connection.ecr.send(new ListTagsForResourceCommand({ resourceArn }), { abortSignal }));
      return (tags ?? []).map(({ Key, Value }) => ({ Key: Key ?? '', Value: Value ?? '' }));
    });
  }

  public async tag(resourceArn: string, tags: readonly Tag[]): Promise<void> {
    if (tags.length > 0) {
      await this.budget.call('ecr:TagResource', (abortSignal) =>
        this.connection.ecr.send(new TagResourceCommand({ resourceArn, tags: [...tags] }), { abortSignal }));
    }
  }

  public async untag(resourceArn: string, tagKeys: readonly string[]): Promise<void> {
    if (tagKeys.length > 0) {
      await unless(isRepositoryNotFound, () => this.budget.call('ecr:UntagResource', (abortSignal) =>
        this.connection.ecr.send(new UntagResourceCommand({ resourceArn, tagKeys: [...tagKeys] }), { abortSignal })));
    }
  }

  /** Undefined when the repository has no policy; a repository that does not exist is an error. */
  public async getRepositoryPolicy(address: RepositoryAddress): Promise<string | undefined> {
    return unless(isRepositoryPolicyNotFound, async () => {
      const { policyText } = await this.budget.call('ecr:GetRepositoryPolicy', (abortSignal) =>
        this.connection.ecr.send(new GetRepositoryPolicyCommand({ ...address }), { abortSignal }));
      return policyText;
    });
  }

  /** Sent once, see Budget.once. */
  public async setRepositoryPolicy(address: RepositoryAddress, policyText: string, force: boolean): Promise<void> {
    await this.budget.once('ecr:SetRepositoryPolicy', (abortSignal) =>
      this.connection.ecr.send(new SetRepositoryPolicyCommand({ ...address, policyText, ...(force ? { force } : {}) }), { abortSignal }));
  }

  /** Sent once, see Budget.once. */
  public async deleteRepositoryPolicy(address: RepositoryAddress): Promise<void> {
    await unless(isRepositoryPolicyNotFound, () => this.budget.once('ecr:DeleteRepositoryPolicy', (abortSignal) =>
      this.connection.ecr.send(new DeleteRepositoryPolicyCommand({ ...address }), { abortSignal })));
  }

  /** Undefined when the repository has no lifecycle policy; a repository that does not exist is an error. */
  public async getLifecyclePolicy(address: RepositoryAddress): Promise<string | undefined> {
    return unless(isLifecyclePolicyNotFound, async () => {
      const { lifecyclePolicyText } = await this.budget.call('ecr:GetLifecyclePolicy', (abortSignal) =>
        this.connection.ecr.send(new GetLifecyclePolicyCommand({ ...address }), { abortSignal }));
      return lifecyclePolicyText;
    });
  }

  /** Sent once, see Budget.once. */
  public async putLifecyclePolicy(address: RepositoryAddress, lifecyclePolicyText: string): Promise<void> {
    await this.budget.once('ecr:PutLifecyclePolicy', (abortSignal) =>
      this.connection.ecr.send(new PutLifecyclePolicyCommand({ ...address, lifecyclePolicyText }), { abortSignal }));
  }

  /** Sent once, see Budget.once. */
  public async deleteLifecyclePolicy(address: RepositoryAddress): Promise<void> {
    await unless(isLifecyclePolicyNotFound, () => this.budget.once('ecr:DeleteLifecyclePolicy', (abortSignal) =>
      this.connection.ecr.send(new DeleteLifecyclePolicyCommand({ ...address }), { abortSignal })));
  }
}

async function unless<T>(absent: (error: unknown) => boolean, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (absent(error)) {
      return undefined;
    }
    throw error;
  }
}
