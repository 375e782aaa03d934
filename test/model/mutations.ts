import { arnOf } from './actor';
import type { Mutation, Reach } from './mutation';
import { sidOf } from './registry-state';
import { CustomResourceEvent, isFailedCreateId } from '../../src/handlers/protocol';

const REPOSITORY = 'Custom::DrydockRepository';
const POLICY = 'Custom::DrydockRepositoryPolicy';
const LIFECYCLE = 'Custom::DrydockLifecyclePolicy';

/** Mistakes that custom resources make, the more expensive ones first. `npm run test:model -- --mutate` shows that each is found. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'statements of others are dropped when a policy is set',
    breaks: ['a', 'b', 'c', 'h'],
    handle: async (event, work, reach) => {
      const result = await work(event);
      if (event.ResourceType === POLICY && event.RequestType !== 'Delete') {
        const own = (event.ResourceProperties.Statements as { Sid: string }[]).map(({ Sid }) => Sid);
        await setStatements(reach, event, (sid) => own.includes(sid));
      }
      return result;
    },
  },
  { name: 'statements stay when their policy is deleted', breaks: ['a', 'b', 'e'], handle: skipped(POLICY, 'Delete') },
  {
    name: 'a rollback forgets the tags of a repository',
    breaks: ['b'],
    handle: (event, work, { status }) => {
      const { Tags: _tags, ...rest } = event.ResourceProperties;
      return work(is(event, REPOSITORY, 'Update') && isRollback(status()) ? { ...event, ResourceProperties: rest } : event);
    },
  },
  {
    name: 'a rollback answers and does nothing',
    breaks: ['b'],
    handle: (event, work, reach) => event.RequestType === 'Update' && isRollback(reach.status()) ? reach.answer(event) : work(event),
  },
  {
    name: 'the Delete after a failed creation deletes the repository of that name',
    breaks: ['b', 'c'],
    handle: async (event, work, reach) => {
      if (is(event, REPOSITORY, 'Delete') && isFailedCreateId(event.PhysicalResourceId ?? '')) {
        await reach.call('DeleteRepository', { repositoryName: nameOf(event), force: true });
      }
      return work(event);
    },
  },
  {
    name: 'a Delete takes a repository that was adopted, or is kept',
    breaks: ['a', 'b', 'c', 'e', 'i'],
    handle: async (event, work, reach) => {
      if (is(event, REPOSITORY, 'Delete') && !isFailedCreateId(event.PhysicalResourceId ?? '')) {
        await reach.call('DeleteRepository', { repositoryName: nameOf(event), force: true });
      }
      return work(event);
    },
  },
  { name: 'a Delete leaves the repository', breaks: ['a', 'b', 'e'], handle: skipped(REPOSITORY, 'Delete') },
  { name: 'images do not keep a repository from being deleted', breaks: ['a', 'b', 'e', 'i'], handle: changed(REPOSITORY, { EmptyOnDelete: 'true' }) },
  {
    name: 'a lifecycle policy that is not the construct’s own goes with it',
    breaks: ['a', 'b', 'c', 'e'],
    handle: async (event, work, reach) => {
      const result = await work(event);
      if (is(event, LIFECYCLE, 'Delete')) {
        await reach.call('DeleteLifecyclePolicy', { repositoryName: nameOf(event) });
      }
      return result;
    },
  },
  { name: 'a lifecycle policy of somebody else is replaced without leave', breaks: ['i'], handle: changed(LIFECYCLE, { ReplaceExisting: 'true' }) },
  { name: 'the gate is never asked', breaks: ['i'], handle: changed(LIFECYCLE, { PreviewGate: 'off' }) },
  {
    name: 'the plan that a gate accepts does not name all images',
    breaks: ['d'],
    record: (record) => record.message === 'preview' ? { ...record, images: record.images.slice(1) } : record,
  },
  { name: 'a repository is adopted without leave', breaks: ['i'], handle: changed(REPOSITORY, { ExistingRepository: 'adopt' }) },
  {
    name: 'tags of others go when a repository is adopted or updated',
    breaks: ['a', 'b', 'c', 'h'],
    handle: async (event, work, reach) => {
      const result = await work(event);
      const found = reach.state()[nameOf(event)];
      if (event.ResourceType === REPOSITORY && event.RequestType !== 'Delete' && found !== undefined) {
        const own = ((event.ResourceProperties.Tags ?? []) as { Key: string }[]).map(({ Key }) => Key);
        await reach.call('UntagResource', { resourceArn: arnOf(nameOf(event)), tagKeys: Object.keys(found.tags).filter((key) => !own.includes(key)) });
      }
      return result;
    },
  },
  {
    name: 'an update that changes nothing resets the scan setting',
    breaks: ['a', 'b', 'h'],
    handle: async (event, work, reach) => {
      const result = await work(event);
      if (is(event, REPOSITORY, 'Update') && JSON.stringify(event.OldResourceProperties?.RepositoryName) === JSON.stringify(event.ResourceProperties.RepositoryName)) {
        await reach.call('PutImageScanningConfiguration', { repositoryName: nameOf(event), imageScanningConfiguration: { scanOnPush: false } });
      }
      return result;
    },
  },
  {
    name: 'a note of the handler’s own is left on a repository',
    breaks: ['e'],
    handle: async (event, work, reach) => {
      const result = await work(event);
      if (is(event, LIFECYCLE, 'Delete')) {
        await reach.call('TagResource', { resourceArn: arnOf(nameOf(event)), tags: [{ Key: 'cdk-drydock:before-lifecycle', Value: 'x' }] });
      }
      return result;
    },
  },
  {
    name: 'an answer is sent twice',
    breaks: ['f'],
    handle: async (event, work, reach) => {
      const result = await work(event);
      await reach.answer(event);
      return result;
    },
  },
  { name: 'a Delete is not answered', breaks: ['f'], handle: (event, work) => event.RequestType === 'Delete' ? Promise.resolve() : work(event) },
  { name: 'an update answers with another physical id', breaks: ['g'], alter: (answer, event) => event.RequestType === 'Update' ? { ...answer, PhysicalResourceId: `${answer.PhysicalResourceId}-${event.RequestId}` } : answer },
  { name: 'a failure is answered as success', breaks: ['a', 'e', 'g', 'i'], alter: (answer) => ({ ...answer, Status: 'SUCCESS' }) },
  { name: 'a rollback fails', breaks: ['j'], handle: (event, work, reach) => isRollback(reach.status()) && event.RequestType === 'Update' ? reach.answer(event, 'FAILED') : work(event) },
];

function is(event: CustomResourceEvent, resourceType: string, requestType: string): boolean {
  return event.ResourceType === resourceType && event.RequestType === requestType;
}

function isRollback(status: string): boolean {
  return status.includes('ROLLBACK');
}

function nameOf({ ResourceProperties: { RepositoryName } }: CustomResourceEvent): string {
  return String(RepositoryName);
}

/** Answered, and nothing done. */
function skipped(resourceType: string, requestType: string): Mutation['handle'] {
  return (event, work, reach) => is(event, resourceType, requestType) ? reach.answer(event) : work(event);
}

/** A property says something else than in the template. */
function changed(resourceType: string, properties: Readonly<Record<string, string>>): Mutation['handle'] {
  return (event, work) => work(event.ResourceType === resourceType ? { ...event, ResourceProperties: { ...event.ResourceProperties, ...properties } } : event);
}

async function setStatements({ call, state }: Reach, event: CustomResourceEvent, stays: (sid: string) => boolean): Promise<void> {
  const statements = (state()[nameOf(event)]?.statements ?? []).filter((one) => stays(sidOf(one))).map((one) => JSON.parse(one) as object);
  if (statements.length > 0) {
    await call('SetRepositoryPolicy', { repositoryName: nameOf(event), policyText: JSON.stringify({ Version: '2012-10-17', Statement: statements }) });
  }
}
