import { aws_ecr as ecr, CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { findingsIn, removeApps, reviewed } from './change-support';
import { propertyDiffs } from '../../src/review/registry-changes';

afterAll(removeApps);

const nothing = (stack: Stack) => void new CfnResource(stack, 'Other', { type: 'AWS::SNS::Topic' });
const cache = (prefix: string) => (stack: Stack) => void new ecr.CfnPullThroughCacheRule(stack, 'Cache', { ecrRepositoryPrefix: prefix, upstreamRegistryUrl: 'public.ecr.aws' });
const replication = (region: string) => (stack: Stack) => void new ecr.CfnReplicationConfiguration(stack, 'Replication', {
  replicationConfiguration: { rules: [{ destinations: [{ region, registryId: '123456789012' }] }] },
});

test.each<[string, ((stack: Stack) => void) | undefined, (stack: Stack) => void, string, RegExp]>([
  ['is made', undefined, replication('eu-west-1'), 'note', /^ReplicationConfiguration is made: .*\/ReplicationConfiguration is /],
  ['changes, with each property', replication('eu-west-1'), replication('eu-north-1'), 'note',
    /^ReplicationConfiguration changes: .*\/ReplicationConfiguration\/Rules\/0\/Destinations\/0\/Region: eu-west-1 becomes eu-north-1\.$/],
  ['is replaced where nothing can be changed in place', cache('hub'), cache('mirror'), 'warning', /^PullThroughCacheRule is replaced: .*EcrRepositoryPrefix: hub becomes mirror/],
  ['is removed', replication('eu-west-1'), nothing, 'warning', /^ReplicationConfiguration is removed: /],
  ['leaves the app and stays', (stack) => {
    new ecr.CfnRegistryPolicy(stack, 'Policy', { policyText: { Statement: [] } }).applyRemovalPolicy(RemovalPolicy.RETAIN);
  }, nothing, 'warning', /^RegistryPolicy leaves the app and stays in force: /],
])('something of the registry %s', async (_, before, after, severity, message) => {
  const found = findingsIn(await reviewed({ before, after }));
  expect(found).toEqual([expect.objectContaining({ code: 'DD-REVIEW-240', severity, message: expect.stringMatching(message) })]);
});

test('what stays is not told', async () => {
  expect(findingsIn(await reviewed({ before: cache('hub'), after: cache('hub') }))).toEqual([]);
});

test('law: equal values have no differences, different ones have, and swapping them swaps was and is', () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (a, b) => {
    expect(propertyDiffs(a, a)).toEqual([]);
    const key = ({ pointer, was, is }: { pointer: string; was?: string; is?: string }) => JSON.stringify([pointer, was, is]);
    expect(propertyDiffs(a, b).map(key).sort()).toEqual(propertyDiffs(b, a).map(({ pointer, was, is }) => key({ pointer, was: is, is: was })).sort());
  }));
});
