import { NOW, POLICIES, SMALL } from './lifecycle-policy';
import { compare } from '../../../src/lifecycle/compare';
import { evaluate } from '../../../src/lifecycle/evaluate';
import { explain } from '../../../src/lifecycle/explain';
import { inUseBy } from '../../../src/lifecycle/in-use';
import { readInUseList } from '../../../src/lifecycle/in-use-list';
import { readInventory } from '../../../src/lifecycle/inventory';
import { inventoryGaps } from '../../../src/lifecycle/inventory-gaps';
import { lint } from '../../../src/lifecycle/lint';
import { PolicyDocument } from '../../../src/lifecycle/model';
import { evaluationPreview } from '../../../src/report/evaluation-preview';
import { packInventory, unpackInventory } from '../../../src/report/inventory-pack';
import { previewReport } from '../../../src/report/preview-report';
import { renderText } from '../../../src/report/text';
import { FuzzTarget, mustHold } from '../target';

const [KEEP_ONE, LAYERED] = POLICIES as readonly PolicyDocument[];
// eslint-disable-next-line no-control-regex
const ACTIVE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** An inventory: read, evaluated and shown on a terminal. */
export const inventory: FuzzTarget = {
  name: 'inventory',
  words: [
    'imageDetails', 'manifestChildren', 'heldImages', 'repositories', 'formatVersion', 'imageDigest', 'imageTags', 'imagePushedAt', 'imageSizeInBytes', 'imageStatus', 'ARCHIVED', 'ACTIVATING',
    'lastRecordedPullTime', 'lastArchivedAt', 'lastActivatedAt', 'subjectManifestDigest', 'repositoryName', 'registryId', '2026-01-31T12:00:00.5+02:00', '1769860800.25', `sha256:${'a'.repeat(64)}`,
  ],
  seeds: () => [
    JSON.stringify(SMALL),
    JSON.stringify({
      formatVersion: 1, repositories: [{ repositoryName: 'shop/api', lifecyclePolicyText: JSON.stringify(KEEP_ONE), tags: [{ Key: 'a', Value: 'b' }], unread: ['repositoryPolicyText'] }],
      imageDetails: SMALL.imageDetails.map((image) => ({ ...image, registryId: '123456789012', repositoryName: 'shop/api', imageSizeInBytes: 100, lastRecordedPullTime: 1769860800.25 })),
    }),
  ],
  run(input) {
    const read = readInventory(JSON.parse(input.toString()));
    const evaluation = evaluate(LAYERED, read, NOW);
    const { summary } = evaluation;
    mustHold(summary.expires + summary.transitions + summary.keeps === summary.images && summary.images === read.imageDetails.length, 'every image expires, is archived or stays');
    for (const verdict of evaluation.verdicts()) {
      explain(verdict, LAYERED);
    }
    const warnings = [...inventoryGaps(read), ...lint(LAYERED, read, NOW)];
    const comparison = compare(KEEP_ONE, LAYERED, read, NOW);
    const text = renderText(previewReport(evaluationPreview({ evaluation, inventory: read, warnings, comparison }), { limit: 10 }), { width: 100 });
    mustHold(!ACTIVE.test(text), 'nothing reaches the terminal that acts on it');
    inUseBy(read, 'shop/api', [{ reference: 'shop/api:latest', by: 'x' }]);
    mustHold(unpackInventory(packInventory(read)).imageDetails.length === read.imageDetails.length, 'packing loses no image');
  },
  isExpected: (error) => error instanceof SyntaxError,
};

/** What somebody says is running: lines, JSON, or what kubectl prints. */
export const inUseList: FuzzTarget = {
  name: 'in-use-list',
  words: ['items', 'kind', 'Pod', 'spec', 'status', 'containers', 'containerStatuses', 'image', 'imageID', 'metadata', 'namespace', 'reference', 'by', 'docker-pullable://', '@sha256:', '\t', '# '],
  seeds: () => [
    'shop/api:1\tweb\n# comment\n123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api:2 x:1', '["shop/api:1",{"reference":"shop/api@sha256:aa","by":"x"}]',
    JSON.stringify({ items: [{ metadata: { namespace: 'a', name: 'b' }, spec: { containers: [{ image: 'shop/api:1' }] }, status: { containerStatuses: [{ imageID: `docker-pullable://shop/api@sha256:${'a'.repeat(64)}` }] } }] }),
  ],
  run: (input) => inUseBy(SMALL, ['123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api', 'shop/api'], readInUseList(input.toString(), 'file')),
};
