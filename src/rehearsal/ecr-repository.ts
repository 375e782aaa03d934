import { EcrClient, EcrError } from './ecr-client';
import { sameJson } from './equality';
import { ResourceFailure, ResourceOutcome, ResourceProvider, ResourceRequest } from './provider';
import { ResourceRecord, StackRecord } from './state';
import { isObject } from '../assembly/intrinsics';

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

interface Described {
  readonly repositoryName: string;
  readonly repositoryArn: string;
  readonly repositoryUri: string;
}

/**
 * `AWS::ECR::Repository` as its published handlers work (aws-cloudformation/aws-cloudformation-resource-providers-ecr, 2023): create calls
 * CreateRepository, PutLifecyclePolicy, SetRepositoryPolicy in that order and leaves what it has made to the stack's rollback; update **deletes** a
 * lifecycle or repository policy that the template does not hold (aws-cloudformation/cloudformation-coverage-roadmap#1962, #2493) and leaves mutability and scanning
 * alone when they are absent; delete passes EmptyOnDelete as `force`.
 */
export class EcrRepositories implements ResourceProvider {
  constructor(private readonly client: EcrClient, private readonly suffix: () => string) {}

  public async create(request: ResourceRequest): Promise<ResourceOutcome> {
    const { stack, logicalId, properties } = request;
    const given = properties.RepositoryName;
    const name = typeof given === 'string' ? given : `${stack.stackName}-${logicalId}-${this.suffix()}`.toLowerCase();
    if (stack.resources.get(logicalId)?.physicalId === name) {
      throw new ResourceFailure(`CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${name} and update the stack again.`);
    }
    const { repository } = await this.call<{ repository: Described }>(request, undefined, 'CreateRepository', {
      repositoryName: name,
      tags: tagsOf(properties),
      ...mutability(properties),
      ...scanning(properties),
      ...encryption(properties),
    });
    await this.putPolicies(request, name, false);
    return outcomeOf(repository);
  }

  public async update(request: ResourceRequest, before: ResourceRecord): Promise<ResourceOutcome> {
    const name = before.physicalId;
    const { repositories } = await this.call<{ repositories: Described[] }>(request, name, 'DescribeRepositories', { repositoryNames: [name] });
    await this.putPolicies(request, name, true);
    const { properties } = request;
    if (properties.ImageTagMutability !== undefined) {
      await this.call(request, name, 'PutImageTagMutability', { repositoryName: name, ...mutability(properties) });
    }
    if (properties.ImageScanningConfiguration !== undefined) {
      await this.call(request, name, 'PutImageScanningConfiguration', { repositoryName: name, ...scanning(properties) });
    }
    await this.updateTags(request, repositories[0].repositoryArn);
    return outcomeOf(repositories[0]);
  }

  public async delete(stack: StackRecord, record: ResourceRecord): Promise<void> {
    try {
      await this.client.call(stack.region, 'DeleteRepository', {
        repositoryName: record.physicalId,
        force: String(record.properties.EmptyOnDelete) === 'true',
      });
    } catch (error) {
      if (!(error instanceof EcrError && error.name === 'RepositoryNotFoundException')) {
        throw failure(error, record.physicalId);
      }
    }
  }

  public replacingProperties(_type: string, before: Record<string, unknown>, after: Record<string, unknown>): readonly string[] {
    return ['RepositoryName', 'EncryptionConfiguration'].filter((property) => !sameJson(before[property], after[property]));
  }

  /** CloudFormation passes the tags of the stack on to its resources. */
  public complete(properties: Record<string, unknown>, stack: StackRecord): Record<string, unknown> {
    const own = tagsOf(properties);
    const ofStack = Object.entries(stack.tags).filter(([key]) => !own.some((t) => t.Key === key)).map(([Key, Value]) => ({ Key, Value }));
    return ofStack.length === 0 ? properties : { ...properties, Tags: [...own, ...ofStack] };
  }

  private async putPolicies(request: ResourceRequest, name: string, removeAbsent: boolean): Promise<void> {
    const { LifecyclePolicy, RepositoryPolicyText } = request.properties;
    const { LifecyclePolicyText, RegistryId } = isObject(LifecyclePolicy) ? LifecyclePolicy : {};
    if (LifecyclePolicyText !== undefined) {
      await this.call(request, name, 'PutLifecyclePolicy', { repositoryName: name, registryId: RegistryId, lifecyclePolicyText: LifecyclePolicyText });
    } else if (removeAbsent) {
      await this.remove(request, name, 'LifecyclePolicy', 'LifecyclePolicyNotFoundException');
    }
    if (RepositoryPolicyText !== undefined) {
      const policyText = typeof RepositoryPolicyText === 'string' ? RepositoryPolicyText : JSON.stringify(RepositoryPolicyText);
      await this.call(request, name, 'SetRepositoryPolicy', { repositoryName: name, policyText });
    } else if (removeAbsent) {
      await this.remove(request, name, 'RepositoryPolicy', 'RepositoryPolicyNotFoundException');
    }
  }

  private async remove(request: ResourceRequest, name: string, what: 'LifecyclePolicy' | 'RepositoryPolicy', notFound: string): Promise<void> {
    try {
      await this.client.call(request.stack.region, `Get${what}`, { repositoryName: name });
      await this.client.call(request.stack.region, `Delete${what}`, { repositoryName: name });
    } catch (error) {
      if (!(error instanceof EcrError && error.name === notFound)) {
        throw failure(error, name);
      }
    }
  }

  private async updateTags(request: ResourceRequest, resourceArn: string): Promise<void> {
    const wanted = tagsOf(request.properties);
    const { tags } = await this.call<{ tags: Tag[] }>(request, undefined, 'ListTagsForResource', { resourceArn });
    // Tags that others have put stay: only those that the previous template held are taken away.
    const before = tagsOf(request.stack.resources.get(request.logicalId)?.properties ?? {});
    const surplus = before.map((t) => t.Key)
      .filter((key) => tags.some((t) => t.Key === key) && !wanted.some((t) => t.Key === key));
    if (surplus.length > 0) {
      await this.call(request, undefined, 'UntagResource', { resourceArn, tagKeys: surplus });
    }
    const changed = wanted.filter((tag) => !tags.some((t) => t.Key === tag.Key && t.Value === tag.Value));
    if (changed.length > 0) {
      await this.call(request, undefined, 'TagResource', { resourceArn, tags: changed });
    }
  }

  /** `physicalId`: the repository that is there when the call fails. */
  private async call<T>(request: ResourceRequest, physicalId: string | undefined, operation: string, input: Record<string, unknown>): Promise<T> {
    try {
      return await this.client.call<T>(request.stack.region, operation, input);
    } catch (error) {
      throw failure(error, physicalId);
    }
  }
}

function failure(error: unknown, physicalId: string | undefined): unknown {
  return error instanceof EcrError
    ? new ResourceFailure(`Resource handler returned message: "${error.message} (Service: Ecr, Status Code: 400, Request ID: ${error.requestId})" (HandlerErrorCode: ${handlerErrorCode(error.name)})`, physicalId)
    : error;
}

function handlerErrorCode(name: string): string {
  switch (name) {
    case 'RepositoryAlreadyExistsException': return 'AlreadyExists';
    case 'RepositoryNotFoundException': return 'NotFound';
    case 'InvalidParameterException':
    case 'InvalidTagParameterException': return 'InvalidRequest';
    case 'LimitExceededException':
    case 'TooManyTagsException': return 'ServiceLimitExceeded';
    case 'AccessDeniedException': return 'AccessDenied';
    default: return 'GeneralServiceException';
  }
}

function outcomeOf({ repositoryName, repositoryArn, repositoryUri }: Described): ResourceOutcome {
  return { physicalId: repositoryName, attributes: { Arn: repositoryArn, RepositoryUri: repositoryUri }, simulated: false };
}

function tagsOf({ Tags }: Record<string, unknown>): Tag[] {
  return Array.isArray(Tags) ? (Tags as Tag[]).map(({ Key, Value }) => ({ Key, Value: String(Value) })) : [];
}

function mutability({ ImageTagMutability, ImageTagMutabilityExclusionFilters }: Record<string, unknown>): Record<string, unknown> {
  const filters = Array.isArray(ImageTagMutabilityExclusionFilters) ? ImageTagMutabilityExclusionFilters as Record<string, unknown>[] : undefined;
  return {
    imageTagMutability: ImageTagMutability,
    imageTagMutabilityExclusionFilters: filters?.map((f) => ({
      filterType: f.ImageTagMutabilityExclusionFilterType,
      filter: f.ImageTagMutabilityExclusionFilterValue,
    })),
  };
}

function scanning({ ImageScanningConfiguration }: Record<string, unknown>): Record<string, unknown> {
  return isObject(ImageScanningConfiguration)
    ? { imageScanningConfiguration: { scanOnPush: String(ImageScanningConfiguration.ScanOnPush) === 'true' } }
    : {};
}

function encryption({ EncryptionConfiguration }: Record<string, unknown>): Record<string, unknown> {
  return isObject(EncryptionConfiguration)
    ? { encryptionConfiguration: { encryptionType: EncryptionConfiguration.EncryptionType, kmsKey: EncryptionConfiguration.KmsKey } }
    : {};
}
