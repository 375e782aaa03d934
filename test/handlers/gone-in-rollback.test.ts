import { keep, Properties, World } from './support';
import { createHandler as createImageHandler } from '../../src/handlers/images/dispatch';
import {
  IMAGE_CLEANUP_ATTRIBUTES, IMAGE_CLEANUP_TYPE, IMAGE_COPY_ATTRIBUTES, IMAGE_COPY_TYPE, IMAGE_DIGEST_ATTRIBUTES, IMAGE_DIGEST_TYPE, IMAGE_TAG_ATTRIBUTES, IMAGE_TAG_TYPE,
} from '../../src/image-resources';
import {
  LIFECYCLE_POLICY_PREVIEW_TYPE, LIFECYCLE_POLICY_TYPE, PREVIEW_ATTRIBUTES, REPOSITORY_POLICY_ATTRIBUTES, REPOSITORY_POLICY_TYPE,
} from '../../src/resources';

const REPOSITORY = { RepositoryName: 'shop/api', RepositoryUri: '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/api' };
const STATEMENT = { Sid: 'Read', Effect: 'Allow', Action: 'ecr:BatchGetImage', Principal: { AWS: '111111111111' } };
const DIGEST = 'd'.repeat(64);

interface Case {
  readonly properties: Properties;
  readonly old: Properties;
  readonly physicalId: string;
  readonly attributes: readonly string[];
}

const CASES: Record<string, Case> = {
  [REPOSITORY_POLICY_TYPE]: {
    properties: { Statements: [STATEMENT] }, old: { Statements: [{ ...STATEMENT, Sid: 'Write' }] },
    physicalId: 'drydock:repository-policy:-:shop/api:Resource', attributes: REPOSITORY_POLICY_ATTRIBUTES,
  },
  [LIFECYCLE_POLICY_TYPE]: {
    properties: { LifecyclePolicy: keep(1), PreviewGate: {} }, old: { LifecyclePolicy: keep(2), PreviewGate: {} },
    physicalId: 'drydock:lifecycle-policy:-:shop/api:Resource', attributes: PREVIEW_ATTRIBUTES,
  },
  [LIFECYCLE_POLICY_PREVIEW_TYPE]: {
    properties: { LifecyclePolicy: keep(1) }, old: { LifecyclePolicy: keep(2) },
    physicalId: 'drydock:lifecycle-policy-preview:-:shop/api:Resource', attributes: PREVIEW_ATTRIBUTES,
  },
  [IMAGE_TAG_TYPE]: {
    properties: { ImageTag: 'prod', SourceImageTag: 'v1' }, old: { ImageTag: 'prod', SourceImageTag: 'v2' },
    physicalId: 'drydock:image-tag:-:shop/api:Resource:prod', attributes: IMAGE_TAG_ATTRIBUTES,
  },
  [IMAGE_COPY_TYPE]: {
    properties: { Source: { Type: 'ecr', RepositoryName: 'team/base', ImageTag: 'v1' }, ImageTags: ['v1'] },
    old: { Source: { Type: 'ecr', RepositoryName: 'team/base', ImageTag: 'v2' }, ImageTags: ['v1'] },
    physicalId: 'drydock:image-copy:-:shop/api:Resource', attributes: IMAGE_COPY_ATTRIBUTES,
  },
  [IMAGE_DIGEST_TYPE]: {
    properties: { ImageTag: 'v1' }, old: { ImageTag: 'v2' },
    physicalId: `drydock:image-digest:-:shop/api:Resource:${'0'.repeat(16)}:${DIGEST}:-`, attributes: IMAGE_DIGEST_ATTRIBUTES,
  },
  [IMAGE_CLEANUP_TYPE]: {
    properties: { Selections: [{ Kind: 'untagged' }], Mode: 'delete' }, old: { Selections: [{ Kind: 'tagged', TagPatterns: ['pr-*'] }], Mode: 'delete' },
    physicalId: 'drydock:image-cleanup:-:shop/api:Resource', attributes: IMAGE_CLEANUP_ATTRIBUTES,
  },
};

describe.each(Object.entries(CASES))('%s, whose repository somebody has deleted,', (type, { properties, old, physicalId, attributes }) => {
  const update = async (status: string) => {
    const world = await World.start(type.startsWith('Custom::DrydockImage') ? { createHandler: createImageHandler } : {});
    world.cloudFormation.status = status;
    const answer = await world.update(type, { ...REPOSITORY, ...properties }, { physicalId, old: { ...REPOSITORY, ...old } });
    return { answer, world };
  };

  test('does not stop a rollback: there is nothing to lead back to, and every attribute is there', async () => {
    const { answer, world } = await update('UPDATE_ROLLBACK_IN_PROGRESS');
    expect(answer).toMatchObject({ status: 'SUCCESS', physicalId, reason: '' });
    expect(Object.keys(answer.data).sort()).toEqual([...attributes].sort());
    expect(world.emulator.inventory().repositories).toEqual([]);
    expect(world.logs.filter(({ level }) => level === 'warn')).not.toEqual([]);
  });

  test('fails an update that goes forward', async () => {
    const { answer } = await update('UPDATE_IN_PROGRESS');
    expect(answer).toMatchObject({ status: 'FAILED', physicalId });
    // The copy looks at its source first.
    expect(answer.reason).toMatch(/^DD-(HANDLER-101|COPY-020) /);
  });
});
