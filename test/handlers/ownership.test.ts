import { addressInPhysicalId, formatOwner, homeOf, identityOf, parseOwner, physicalIdOf, repositoryArn } from '../../src/handlers/ownership';
import { CustomResourceEvent } from '../../src/handlers/protocol';

const event = (change: Partial<CustomResourceEvent> = {}) => ({
  StackId: 'arn:aws-cn:cloudformation:cn-north-1:123456789012:stack/Shop-Prod/uuid', LogicalResourceId: 'L', RequestId: 'r', ...change,
}) as CustomResourceEvent;

test('the claim is of the stack and the logical id; the request tells deliveries of one event from another event', () => {
  const one = identityOf(event());
  expect(identityOf(event())).toEqual(one);
  expect(identityOf(event({ RequestId: 'other' }))).toMatchObject({ claim: one.claim });
  expect(identityOf(event({ RequestId: 'other' })).request).not.toBe(one.request);
  expect(identityOf(event({ LogicalResourceId: 'M' })).claim).not.toBe(one.claim);
  expect(identityOf(event({ StackId: event().StackId.replace('uuid', 'again') })).claim).not.toBe(one.claim);
  expect(one.stackName).toBe('Shop-Prod');
});

test('an owner fits a tag and comes back from it; anything else is no owner', () => {
  const owner = { origin: 'adopted', ...identityOf(event({ StackId: event().StackId.replace('Shop-Prod', 'S'.repeat(128)) })) } as const;
  const tag = formatOwner(owner);
  expect(tag.length).toBeLessThanOrEqual(256);
  expect(tag).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u);
  expect(parseOwner(tag)).toEqual(owner);
  for (const wrong of [undefined, '', 'created', tag.replace('adopted', 'stolen'), tag.slice(0, 30), `${tag}\nx y`]) {
    expect(parseOwner(wrong)).toBeUndefined();
  }
});

test('a physical id is derived from where and what, and tells the repository when the properties do not', () => {
  const id = physicalIdOf('lifecycle-policy', { repositoryName: 'a/b__c--d', registryId: '210987654321' }, 'L');
  expect(id).toBe('drydock:lifecycle-policy:210987654321:a/b__c--d:L');
  expect(addressInPhysicalId(id)).toEqual({ repositoryName: 'a/b__c--d', registryId: '210987654321' });
  expect(addressInPhysicalId(physicalIdOf('repository-policy', { repositoryName: 'a/b' }, 'L'))).toEqual({ repositoryName: 'a/b' });
  for (const wrong of ['', 'Shop-L-1ABC', 'drydock:create-failed:r', 'drydock:lifecycle-policy:-::L']) {
    expect(addressInPhysicalId(wrong)).toBeUndefined();
  }
});

test('an ARN has the partition and Region of the stack', () => {
  expect(repositoryArn(homeOf(event().StackId), { repositoryName: 'a/b' })).toBe('arn:aws-cn:ecr:cn-north-1:123456789012:repository/a/b');
});
