import * as fc from 'fast-check';
import { inventory as anyInventory, NOW, policy as anyPolicy } from './arbitraries';
import { DrydockError } from '../../src/errors';
import { compare } from '../../src/lifecycle/compare';
import { DEFAULT_GATE, gateFromProperty, GateInput, GateSettings, judge, previewedImages, PreviewedImage } from '../../src/lifecycle/gate';
import { Inventory, PolicyDocument } from '../../src/lifecycle/model';

const DAY = 86_400;
const HASH = '0123456789abcdef';

function image(name: string, more: Partial<PreviewedImage> = {}): PreviewedImage {
  return { imageDigest: `sha256:${name.padEnd(64, '0')}`, imageTags: [], imagePushedAt: NOW - 100 * DAY, action: 'EXPIRE', appliedRulePriority: 1, newly: true, ...more };
}

function input(images: readonly PreviewedImage[], more: Partial<GateInput> = {}): GateInput {
  return { repositoryName: 'shop', policyHash: HASH, imageCount: 100, now: NOW, images, ...more };
}

const NOTHING: GateSettings = { countAgainst: 'policy-in-force' };
const several = (count: number, more: Partial<PreviewedImage> = {}) => Array.from({ length: count }, (_, n) => image(String(n).padStart(4, '0'), more));
const codes = (settings: GateSettings, what: GateInput) => judge(settings, what).findings.map((finding) => finding.code.slice(-3));

describe('an image in use', () => {
  const used = (...names: string[]) => new Map(names.map((name) => [image(name).imageDigest, [`ECS service prod/${name}`, 'Lambda function f']]));

  test('may not go, newly or not, by expiry or into the archive, whatever the settings are', () => {
    const images = [image('a'), image('b', { newly: false }), image('c', { action: 'TRANSITION', imageTags: ['v3'] }), image('d')];
    const { verdict, findings } = judge(NOTHING, input(images, { inUse: used('a', 'b', 'c') }));
    expect(verdict).toBe('blocked');
    expect(findings.map(({ code }) => code)).toEqual(['DD-GATE-107']);
    expect(findings[0].images.map(({ imageDigest }) => imageDigest)).toEqual([images[0], images[1], images[2]].map(({ imageDigest }) => imageDigest));
    expect(findings[0].message).toContain('3 images of shop in use would expire or be archived.');
    expect(findings[0].message).toContain('v3, by ECS service prod/c and 1 more (rule 1)');
    expect(findings[0].fix).toContain(`add '${HASH}' to acknowledgedPolicies`);
  });

  test('that stays, or that nobody names, is no finding', () => {
    expect(codes(NOTHING, input([image('a')], { inUse: used('b') }))).toEqual([]);
    expect(codes(NOTHING, input([image('a')], { inUse: new Map([[image('a').imageDigest, []]]) }))).toEqual([]);
    expect(codes(NOTHING, input([image('a')]))).toEqual([]);
  });

  test('comes first among the findings, and an acknowledgement lets it go', () => {
    const what = input([image('a', { imageTags: ['latest'] })], { inUse: used('a') });
    expect(codes(DEFAULT_GATE, what)[0]).toBe('107');
    expect(judge({ ...NOTHING, acknowledged: [HASH] }, what).verdict).toBe('acknowledged');
  });

  test.each<[unknown, unknown]>([[['ecs', 'lambda'], ['ecs', 'lambda']], [['ecs'], ['ecs']], [[], []]])('is looked for by %j', (InUse, inUse) => {
    expect(gateFromProperty({ InUse })).toMatchObject({ inUse });
  });

  test.each([['ecs'], [['eks']], [[5]]])('is not looked for by %j', (InUse) => {
    expect(() => gateFromProperty({ InUse })).toThrow('DD-GATE-003');
  });
});

describe('a limit on images', () => {
  test.each([[3, 3, []], [3, 4, ['101']], [0, 0, []], [0, 1, ['101']]])('%d allowed, %d expiring', (maxExpiringImages, count, expected) => {
    expect(codes({ ...NOTHING, maxExpiringImages }, input(several(count)))).toEqual(expected);
  });

  test('does not count archived ones', () => {
    expect(codes({ ...NOTHING, maxExpiringImages: 0, maxExpiringPercent: 0 }, input(several(9, { action: 'TRANSITION' })))).toEqual([]);
  });

  test.each([[50, 50, 100, []], [50, 51, 100, ['102']], [29, 29, 100, []], [7, 7, 100, []], [0, 1, 1000, ['102']], [100, 9, 9, []], [33.3, 1, 3, ['102']], [33.4, 1, 3, []], [57, 57, 100, []]])(
    '%d percent allowed, %d of %d expiring', (maxExpiringPercent, count, imageCount, expected) => {
      expect(codes({ ...NOTHING, maxExpiringPercent }, input(several(count), { imageCount }))).toEqual(expected);
    });

  test('is held against the tagged images by themselves where their number is known', () => {
    const images = [...several(3, { imageTags: ['v1'] }), image('untagged')];
    const settings = { ...NOTHING, maxExpiringPercent: 50 };
    expect(codes(settings, input(images))).toEqual([]);
    expect(codes(settings, input(images, { taggedImageCount: 6 }))).toEqual([]);
    const [finding] = judge(settings, input(images, { taggedImageCount: 5 })).findings;
    expect(finding).toMatchObject({ code: 'DD-GATE-102', message: expect.stringContaining('3 images of the 5 tagged ones in shop (60 %) would newly expire; 50 % (2) may.') });
    expect(finding.images).toHaveLength(3);
    const both = judge(settings, input(images, { taggedImageCount: 3, imageCount: 5 })).findings;
    expect(both.map(({ code }) => code)).toEqual(['DD-GATE-102', 'DD-GATE-102']);
    // What is offered lets both pass.
    expect(both.map(({ fix }) => fix)).toEqual([expect.stringContaining('raise maxExpiringPercent to 100'), expect.stringContaining('raise maxExpiringPercent to 100')]);
    expect(codes({ ...settings, maxExpiringPercent: 100 }, input(images, { taggedImageCount: 3, imageCount: 5 }))).toEqual([]);
  });

  test('of a share names how many that allows, exactly', () => {
    expect(judge({ ...NOTHING, maxExpiringPercent: 33.3 }, input(several(400), { imageCount: 1000 })).findings[0].message).toContain('33.3 % (333) may');
  });
});

describe('what is protected', () => {
  test.each<[string, GateSettings, Partial<PreviewedImage>, string[]]>([
    ['a tag that matches', { ...NOTHING, protectedTagPatterns: ['prod*', 'latest'] }, { imageTags: ['x', 'prod-1'] }, ['103']],
    ['a tag that matches two patterns', { ...NOTHING, protectedTagPatterns: ['prod*', '*-1'] }, { imageTags: ['prod-1'] }, ['103', '103']],
    ['a tag that does not', { ...NOTHING, protectedTagPatterns: ['prod', 'Latest'] }, { imageTags: ['prod-1', 'latest'] }, []],
    ['an archived image with such a tag', { ...NOTHING, protectedTagPatterns: ['prod*'] }, { imageTags: ['prod-1'], action: 'TRANSITION' }, ['103']],
    ['a push within the time', { ...NOTHING, protectPushedWithinDays: 7 }, { imagePushedAt: NOW - 7 * DAY }, ['104']],
    ['a push before it', { ...NOTHING, protectPushedWithinDays: 7 }, { imagePushedAt: NOW - 7 * DAY - 1 }, []],
    ['a pull within the time', { ...NOTHING, protectPulledWithinDays: 30 }, { lastRecordedPullTime: NOW - 30 * DAY }, ['105']],
    ['a pull before it', { ...NOTHING, protectPulledWithinDays: 30 }, { lastRecordedPullTime: NOW - 30 * DAY - 1 }, []],
    ['no pull at all', { ...NOTHING, protectPulledWithinDays: 30 }, {}, []],
    ['a pull that the clock of the registry has not reached', { ...NOTHING, protectPulledWithinDays: 30 }, { lastRecordedPullTime: NOW + 60 }, ['105']],
    ['a push of this moment where no time is protected', { ...NOTHING, protectPushedWithinDays: 0 }, { imagePushedAt: NOW }, []],
    ['a digest', { ...NOTHING, protectedDigests: [image('a').imageDigest] }, {}, ['106']],
    ['another digest', { ...NOTHING, protectedDigests: [image('b').imageDigest] }, {}, []],
  ])('%s', (_, settings, more, expected) => {
    expect(codes(settings, input([image('a', more)]))).toEqual(expected);
  });
});

describe('the policy in force', () => {
  test('hides what it would do anyway, unless everything is to count', () => {
    const old = [image('a', { newly: false, imageTags: ['latest'] }), image('b')];
    const settings = { maxExpiringImages: 1, protectedTagPatterns: ['latest'] };
    expect(codes({ ...settings, countAgainst: 'policy-in-force' }, input(old))).toEqual([]);
    expect(codes({ ...settings, countAgainst: 'everything' }, input(old))).toEqual(['101', '103']);
  });

  test('does not change the counts', () => {
    const images = [image('a'), image('b', { newly: false }), image('c', { action: 'TRANSITION' }), image('d', { action: 'TRANSITION', newly: false }), image('e', { action: 'TRANSITION' })];
    for (const countAgainst of ['policy-in-force', 'everything'] as const) {
      expect(judge({ countAgainst }, input(images)).counts).toEqual({ images: 100, expiring: 2, transitioning: 3, newlyExpiring: 1, newlyTransitioning: 2 });
    }
  });
});

describe('the verdict', () => {
  const blocked = input([image('a', { imageTags: ['latest'] })]);

  test('is blocked, acknowledged or passed', () => {
    expect(judge(DEFAULT_GATE, blocked).verdict).toBe('blocked');
    expect(judge({ ...DEFAULT_GATE, acknowledged: ['f'.repeat(16), HASH] }, blocked)).toMatchObject({ verdict: 'acknowledged', findings: [{ code: 'DD-GATE-103' }] });
    expect(judge({ ...DEFAULT_GATE, acknowledged: ['f'.repeat(16)] }, blocked).verdict).toBe('blocked');
    expect(judge({ ...DEFAULT_GATE, acknowledged: [HASH] }, input([])).verdict).toBe('passed');
  });

  test('by default stops a majority, production tags and what is in use', () => {
    expect(codes(DEFAULT_GATE, input(several(50)))).toEqual([]);
    expect(codes(DEFAULT_GATE, input(several(51)))).toEqual(['102']);
    for (const tag of ['latest', 'stable', 'stable-1', 'prod', 'production', 'live', 'live-eu', 'release', 'release-7']) {
      expect(codes(DEFAULT_GATE, input([image('a', { imageTags: [tag] })]))).toEqual(['103']);
    }
    expect(codes(DEFAULT_GATE, input([image('a', { imageTags: ['latest-1', 'v1', 'dev'] })]))).toEqual([]);
    expect(codes(DEFAULT_GATE, input([image('a', { lastRecordedPullTime: NOW - 29 * DAY, action: 'TRANSITION' })]))).toEqual(['105']);
    expect(codes(DEFAULT_GATE, input([image('a', { imagePushedAt: NOW - 1 })]))).toEqual([]);
  });

  test('does not depend on the order of the images, and changes nothing', () => {
    const images = several(7, { imageTags: ['latest'] }).map((one, n) => ({ ...one, imagePushedAt: NOW - (n % 3) * DAY }));
    const frozen = Object.freeze(images.map((one) => Object.freeze(one)));
    const settings = { ...DEFAULT_GATE, protectPushedWithinDays: 9, maxExpiringImages: 1 };
    expect(judge(settings, input([...frozen].reverse()))).toEqual(judge(settings, input(frozen)));
  });

  test('cannot be had at no time', () => {
    expect(() => judge(DEFAULT_GATE, input([], { now: 'x' }))).toThrow(/DD-INVENTORY-003 at now/);
    expect(() => judge(DEFAULT_GATE, input([image('a', { imagePushedAt: 'x' })]))).toThrow(/DD-INVENTORY-003 at sha256:a/);
  });
});

describe('a finding', () => {
  test('names count, the oldest images by tag or digest, their rules, and the ways out', () => {
    const images = [
      image('young', { imagePushedAt: NOW - 2 * DAY, imageTags: ['prod-9', 'x'] }), image('old', { imagePushedAt: NOW - 9 * DAY, imageTags: ['prod-1'], appliedRulePriority: 2 }),
    ];
    const [finding] = judge({ ...NOTHING, protectedTagPatterns: ['prod*'] }, input(images)).findings;
    expect(finding.message).toBe('2 images of shop with a tag that matches prod* would newly expire. Namely: prod-1 (rule 2), prod-9 (rule 1).');
    expect(finding.images).toEqual([images[1], images[0]]);
    expect(finding.fix).toBe('In the policy: make rule 1 keep the image and make rule 2 keep the image, or put a rule that keeps prod* before rule 1. '
      + `In the gate: remove prod* from protectedTagPatterns, or accept the effect of this very policy: add '${HASH}' to acknowledgedPolicies.`);
    const many = judge({ countAgainst: 'everything', maxExpiringImages: 0 }, input(several(5))).findings[0];
    expect(many.message).toBe('5 images of shop would expire; 0 may. Oldest first: sha256:000000000000 (rule 1), sha256:000100000000 (rule 1), sha256:000200000000 (rule 1) and 2 more.');
    const mixed = judge({ ...NOTHING, protectPulledWithinDays: 30 }, input([image('a', { lastRecordedPullTime: NOW - 12.5 * DAY }), image('b', { lastRecordedPullTime: NOW - 3 * DAY, action: 'TRANSITION' })]));
    expect(mixed.findings[0].message).toMatch(/^2 images of shop pulled within 30 days would newly expire or be archived, the latest pulled 3 days ago\. /);
    expect(mixed.findings[0].fix).toContain('lower protectPulledWithin to 2 days,');
  });

  const policy: PolicyDocument = {
    rules: [
      { rulePriority: 2, selection: { tagStatus: 'tagged', tagPatternList: ['v*'], countType: 'imageCountMoreThan', countNumber: 10 }, action: { type: 'expire' } },
      { rulePriority: 3, selection: { tagStatus: 'any', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 30 }, action: { type: 'expire' } },
    ],
  };

  test('names the numbers that would keep the images, where they are known', () => {
    const images = [image('a', { imageTags: ['latest'], appliedRulePriority: 2, rank: 37 }), image('b', { imageTags: ['latest'], appliedRulePriority: 3, ageDays: 41.2 })];
    const settings = { ...NOTHING, protectedTagPatterns: ['latest'] };
    expect(judge(settings, input(images, { policy })).findings[0].fix)
      .toMatch(/^In the policy: raise countNumber of rule 2 from 10 to 37 and raise countNumber of rule 3 from 30 to 42 days, or put /);
    expect(judge(settings, input(images.map((one) => ({ ...one, rank: undefined })), { policy })).findings[0].fix).toContain('make rule 2 keep the image and raise countNumber of rule 3');
  });

  test('asks for no more than needed where there are only too many', () => {
    const images = Array.from({ length: 8 }, (_, n) => image(`v${n}`, { appliedRulePriority: 2, rank: 11 + n }));
    const rest = [image('u', { appliedRulePriority: 3, ageDays: 40 })];
    const [count, percent] = judge({ ...NOTHING, maxExpiringImages: 5, maxExpiringPercent: 10 }, input([...images, ...rest], { policy, imageCount: 20 })).findings;
    expect(count.fix).toContain('raise countNumber of rule 2 from 10 to 14. In the gate: raise maxExpiringImages to 9,');
    expect(percent.message).toContain('9 images of the 20 in shop (45 %) would newly expire; 10 % (2) may.');
    expect(percent.fix).toContain('raise countNumber of rule 2 from 10 to 17. In the gate: raise maxExpiringPercent to 45,');
    const [all] = judge({ ...NOTHING, maxExpiringImages: 0 }, input([...images, ...rest], { policy })).findings;
    expect(all.fix).toContain('keep 9 of them more (rule 2 takes 8, rule 3 takes 1)');
  });

  test('proposes numbers that do pass', () => {
    const settings: GateSettings = { countAgainst: 'everything', protectedTagPatterns: ['*a*'], protectPushedWithinDays: 3 };
    fc.assert(fc.property(anyPolicy, anyInventory, (before, repository: Inventory) => {
      let document = before;
      const verdict = (what: PolicyDocument) => judge(settings, {
        repositoryName: 'r', policyHash: HASH, imageCount: repository.imageDetails.length, now: NOW, policy: what,
        images: previewedImages(compare(undefined, what, repository, NOW), repository),
      });
      // Raising one number may leave images to a referrer's subject or to another rule of theirs; it never takes more than a few rounds.
      for (let round = 0; round < 20; round++) {
        const changes = verdict(document).findings.flatMap(({ fix }) => [...fix.matchAll(/raise countNumber of rule (\d+) from \d+ to (\d+)/g)]);
        if (changes.length === 0) {
          break;
        }
        document = {
          rules: document.rules.map((rule) => {
            const wanted = changes.filter(([, priority]) => Number(priority) === rule.rulePriority).map(([, , to]) => Number(to));
            return { ...rule, selection: { ...rule.selection, countNumber: Math.max(rule.selection.countNumber, ...wanted) } };
          }),
        };
      }
      const left = verdict(document).findings.flatMap(({ images }) => images);
      const evaluation = compare(undefined, document, repository, NOW).after;
      expect(left.filter(({ imageDigest }) => evaluation.find(imageDigest)!.reason === 'MARKED')).toEqual([]);
    }), { numRuns: 300 });
  });
});

describe('the property of a resource', () => {
  test('is off, absent or settings, with numbers as CloudFormation passes them', () => {
    expect(gateFromProperty('off')).toBeUndefined();
    expect(gateFromProperty(undefined)).toBe(DEFAULT_GATE);
    expect(gateFromProperty({})).toEqual({ countAgainst: 'policy-in-force' });
    expect(gateFromProperty({
      MaxExpiringImages: '10', MaxExpiringPercent: 12.5, ProtectedTagPatterns: ['a*'], ProtectPushedWithinDays: '0', ProtectPulledWithinDays: 30,
      ProtectedDigests: [`sha256:${'a'.repeat(64)}`], CountAgainst: 'everything', Acknowledged: [HASH],
    })).toEqual({
      maxExpiringImages: 10, maxExpiringPercent: 12.5, protectedTagPatterns: ['a*'], protectPushedWithinDays: 0, protectPulledWithinDays: 30,
      protectedDigests: [`sha256:${'a'.repeat(64)}`], countAgainst: 'everything', acknowledged: [HASH],
    });
  });

  test.each<[string, unknown, string[]]>([
    ['another word', 'on', ['001']], ['null', null, ['001']], ['a list', [], ['001']], ['true', true, ['001']],
    ['an unknown setting', { MaxImages: 1 }, ['002']], ['__proto__', JSON.parse('{"__proto__":1}'), ['002']], ['toString', { toString: 1 }, ['002']],
    ['a negative count', { MaxExpiringImages: -1 }, ['003']], ['a fraction of an image', { MaxExpiringImages: '1.5' }, ['003']], ['101 percent', { MaxExpiringPercent: '101' }, ['003']],
    ['no number', { MaxExpiringPercent: 'all' }, ['003']], ['NaN', { ProtectPushedWithinDays: NaN }, ['003']], ['an empty text', { MaxExpiringImages: '' }, ['003']],
    ['null for a number', { MaxExpiringImages: null }, ['003']],
    ['a pattern that is no list', { ProtectedTagPatterns: 'latest' }, ['003']], ['a pattern with a blank', { ProtectedTagPatterns: ['a b'] }, ['003']],
    ['half a digest', { ProtectedDigests: ['sha256:abc'] }, ['003']], ['an acknowledgement that is no hash', { Acknowledged: ['yes'] }, ['003']],
    ['an unknown way to count', { CountAgainst: 'all' }, ['003']], ['several at once', { CountAgainst: 1, X: 1, MaxExpiringImages: {} }, ['003', '002', '003']],
  ])('%s is refused', (_, property, expected) => {
    let problems: readonly string[] = [];
    try {
      gateFromProperty(property);
    } catch (error) {
      problems = (error as DrydockError).problems.map(({ code }) => code.replace('DD-GATE-', ''));
    }
    expect(problems).toEqual(expected);
  });
});
