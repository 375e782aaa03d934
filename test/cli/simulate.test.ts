import { drydock, workspace } from './support';
import { EvaluationVector, inventoryOf, ValidationVector, vectors } from '../lifecycle/data';

const files = workspace();
afterAll(() => files.remove());

const NOW = '2026-01-31T12:00:00Z';
const POLICY = {
  rules: [
    { rulePriority: 1, selection: { tagStatus: 'tagged', tagPatternList: ['prod*'], countType: 'imageCountMoreThan', countNumber: 1 }, action: { type: 'expire' } },
    { rulePriority: 2, selection: { tagStatus: 'any', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 14 }, action: { type: 'expire' } },
  ],
};
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const IMAGES = {
  imageDetails: [
    { imageDigest: digest('a'), imageTags: ['prod-1'], imagePushedAt: '2025-12-01T00:00:00Z', imageSizeInBytes: 5_000_000 },
    { imageDigest: digest('b'), imageTags: ['prod-2'], imagePushedAt: '2025-12-02T00:00:00Z', imageSizeInBytes: 5_000_000 },
    { imageDigest: digest('c'), imageTags: ['dev\u001b[31m\u202e'], imagePushedAt: '2025-12-03T00:00:00Z', imageSizeInBytes: 7_000_000 },
    { imageDigest: digest('d'), imagePushedAt: '2025-12-04T00:00:00Z', imageSizeInBytes: 1_000_000 },
    { imageDigest: digest('e'), imageTags: ['index'], imagePushedAt: '2026-01-30T00:00:00Z' },
  ],
  manifestChildren: { [digest('e')]: [digest('d')] },
};
const policy = files.file('policy.json', POLICY);
const images = files.file('images.json', IMAGES);
const simulate = (...more: string[]) => drydock(['simulate', '--policy', policy, '--images', images, '--now', NOW, ...more]);

describe('simulate', () => {
  test('prints actions, blocked and cascade apart, a summary, and a verdict with a sentence for every image', () => {
    const { actions, blocked, cascade, summary, images: verdicts } = simulate('--format', 'json').json();
    expect(actions).toEqual([
      { imageDigest: digest('a'), action: 'EXPIRE', rulePriority: 1 },
      { imageDigest: digest('c'), action: 'EXPIRE', rulePriority: 2 },
    ]);
    expect(blocked).toEqual([{ imageDigest: digest('d'), action: 'EXPIRE', rulePriority: 2, heldBy: [digest('e')] }]);
    expect(cascade).toEqual([]);
    expect(summary).toMatchObject({ images: 5, expires: 2, blocked: 1 });
    expect(verdicts.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['EXPIRE', 'KEEP', 'EXPIRE', 'KEEP', 'KEEP']);
    for (const { explanation } of verdicts) {
      expect(explanation).toMatch(/\w+/);
    }
  });

  test('the table names what goes, in words, and shows no control character of a tag', () => {
    const { stdout, status } = simulate();
    expect(status).toBe(0);
    expect(stdout).toMatch(/2 images expire/);
    expect(stdout).toMatch(/Rule 1 expires 1 image\n.*\n prod-1 .*2nd newest/);
    expect(stdout).toMatch(/Rule 2 takes 1 more image, but an index holds it\n.*\n \(untagged\) .*held by index/);
    expect(stdout).toContain('dev\\u001b[31m\\u202e');
    // eslint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
  });

  test('--explain takes a tag or a digest', () => {
    expect(simulate('--explain', 'prod-2').stdout).toMatch(/Kept by rule 1: 1st newest of 2 images tagged prod\*, 1 is kept; this also shields it from rule 2/);
    expect(simulate('--explain', digest('a'), '--format', 'json').json()).toMatchObject({ imageDigest: digest('a'), outcome: 'EXPIRE', rulePriority: 1 });
    const missing = simulate('--explain', 'nothing');
    expect(missing.status).toBe(1);
    expect(missing.stderr).toMatch(/DD-CLI-004.*"nothing"/);
  });

  test('--explain with --against says what the policy in force does', () => {
    const older = files.file('explain.json', { rules: [POLICY.rules[0]] });
    expect(simulate('--against', older, '--explain', digest('c')).stdout).toMatch(/Expires: pushed 59 days ago.*\nBy the policy in force: Kept: no rule selects it\./);
  });

  test('--against says what changes', () => {
    const older = files.file('older.json', { lifecyclePolicyText: JSON.stringify({ rules: [POLICY.rules[0]] }) });
    expect(simulate('--against', older, '--format', 'json').json().comparison).toMatchObject({
      newlyExpires: [{ imageDigest: digest('c') }], stillActs: [{ imageDigest: digest('a') }], newlySpares: [],
    });
    expect(simulate('--against', older).stdout).toMatch(/2 images expire \(1 newly\).*\n[^]*Rule 2 expires 1 image\n/);
  });

  test('the policy can come from standard input', () => {
    expect(drydock(['simulate', '--policy', '-', '--images', images, '--now', NOW, '--format', 'json'], JSON.stringify(POLICY)).json().actions).toHaveLength(2);
  });

  test('lists are limited, and --all lists everything', () => {
    const many = files.file('many.json', { imageDetails: Array.from({ length: 60 }, (_, i) => ({ imageDigest: `sha256:${String(i).padStart(64, '0')}`, imageTags: [`t${i}`], imagePushedAt: '2025-01-01T00:00:00Z' })) });
    const rows = (...more: string[]) => drydock(['simulate', '--policy', policy, '--images', many, '--now', NOW, ...more]).stdout;
    expect(rows().match(/^ t\d+ /gm)).toHaveLength(20);
    expect(rows()).toMatch(/and 40 more: --all lists them/);
    expect(rows('--limit', '7').match(/^ t\d+ /gm)).toHaveLength(7);
    expect(rows('--all').match(/^ t\d+ /gm)).toHaveLength(60);
  });

  test('the width of the terminal is respected', () => {
    const { stdout } = drydock(['simulate', '--policy', policy, '--images', images, '--now', NOW], undefined, { COLUMNS: '72' });
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(72);
  });

  test('an inventory without the parts of its indexes is warned about, in every form', () => {
    const index = { imageDigest: digest('f'), imageTags: ['all'], imagePushedAt: '2026-01-30T00:00:00Z', imageManifestMediaType: 'application/vnd.oci.image.index.v1+json' };
    const silent = files.file('silent.json', { imageDetails: [index, { imageDigest: digest('0'), imagePushedAt: '2025-01-30T00:00:00Z' }] });
    const told = files.file('told.json', { imageDetails: [index, { imageDigest: digest('0'), imagePushedAt: '2025-01-30T00:00:00Z' }], manifestChildren: { [digest('f')]: [] } });
    const run = (file: string, ...more: string[]) => drydock(['simulate', '--policy', policy, '--images', file, '--now', NOW, ...more]);
    expect(run(silent).stdout).toMatch(/warning: DD-INVENTORY-101 at \/manifestChildren: .*which images its index lists/);
    expect(run(silent, '--format', 'json').json().warnings[0].code).toBe('DD-INVENTORY-101');
    expect(run(told).stdout).not.toMatch(/DD-INVENTORY-101/);
    expect(drydock(['validate', '--policy', policy, '--images', silent]).stdout).toMatch(/DD-INVENTORY-101[^]*valid: 2 rules/);
  });

  test('JSON holds no character that a terminal obeys, and says the same', () => {
    const { stdout, json } = simulate('--format', 'json');
    expect(stdout).toContain('dev\\u001b[31m\\u202e');
    expect(stdout).not.toMatch(/[\u202e\u001b]/);
    expect(json().images[2].imageTags).toEqual(['dev\u001b[31m\u202e']);
  });

  test('an inventory of several repositories wants a choice, and names them', () => {
    const several = files.file('several.json', { imageDetails: IMAGES.imageDetails.map((image, i) => ({ ...image, repositoryName: i < 2 ? 'one' : 'two' })) });
    const undecided = drydock(['simulate', '--policy', policy, '--images', several]);
    expect(undecided.stderr).toMatch(/DD-CLI-003.*one, two/);
    expect(undecided.status).toBe(1);
    expect(drydock(['simulate', '--policy', policy, '--images', several, '--repository', 'one', '--now', NOW, '--format', 'json']).json().summary.images).toBe(2);
    expect(drydock(['simulate', '--policy', policy, '--images', several, '--repository', 'three']).stderr).toMatch(/"three" is not in .*one, two/);
  });

  test.each<[string, string[], RegExp]>([
    ['a file that is not there', ['--policy', '/nowhere.json'], /DD-CLI-001 at \/nowhere.json.*ENOENT/],
    ['a policy that ECR would refuse', ['--policy', files.file('bad.json', { rules: [] })], /not valid\n.*DD-LIFECYCLE-004/],
    ['an inventory that is none', ['--images', files.file('none.json', [])], /DD-INVENTORY-001/],
    ['an inventory that is no JSON', ['--images', files.file('text.json', '{"imageDetails":')], /DD-CLI-002/],
    ['a time without a zone', ['--now', '2026-01-31T12:00:00'], /DD-CLI-005 at --now.*"2026-01-31T12:00:00"/],
    ['an unknown format', ['--format', 'xml'], /DD-CLI-005 at --format.*table or json/],
    ['two files from one standard input', ['--policy', '-', '--images', '-'], /DD-CLI-007 at --images.*--policy and --images/],
    ['a limit that is no number', ['--limit', 'many'], /DD-CLI-005 at --limit/],
  ])('%s: exit 1 and a message with code, place and value', (_, more, message) => {
    const { status, stderr, stdout } = simulate(...more);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });
});

describe('vectors through the command line', () => {
  const simulated = vectors<EvaluationVector>('lifecycle-evaluation.json');
  (simulated ? test.each(simulated.map((vector): [string, EvaluationVector] => [vector.name, vector])) : test.skip.each([['none', {} as EvaluationVector]]))('simulate %s', (_, vector) => {
    const run = drydock(['simulate', '--policy', files.file('p.json', vector.policy), '--images', files.file('i.json', inventoryOf(vector.images)), '--now', vector.now, '--format', 'json']);
    const { actions, blocked, cascade } = run.json();
    const sorted = <T extends { imageDigest: string }>(list: T[]) => [...list].sort((a, b) => (a.imageDigest < b.imageDigest ? -1 : 1));
    const upper = (list: readonly { digest: string; action: string; rulePriority?: number }[]) => sorted(
      list.map(({ digest: imageDigest, action, rulePriority }) => ({ imageDigest, action: action.toUpperCase(), rulePriority })),
    );
    expect(sorted(actions)).toEqual(upper(vector.expected));
    expect(sorted(blocked.map(({ imageDigest, action, rulePriority }: any) => ({ imageDigest, action, rulePriority })))).toEqual(upper(vector.blocked ?? []));
    expect(sorted(cascade)).toEqual(sorted((vector.cascade ?? []).map(({ digest: imageDigest, action, becauseOf }) => ({ imageDigest, action: action.toUpperCase(), becauseOf }))));
  });

  const validated = vectors<ValidationVector>('lifecycle-validation.json');
  (validated ? test.each(validated.map((vector): [string, ValidationVector] => [vector.name, vector])) : test.skip.each([['none', {} as ValidationVector]]))('validate %s', (_, vector) => {
    const { status, json } = drydock(['validate', '--policy', '-', '--format', 'json'], JSON.stringify({ lifecyclePolicyText: vector.policyText }));
    const { valid, problems, warnings } = json();
    expect(valid).toBe(vector.valid);
    expect(status).toBe(vector.valid ? 0 : 1);
    expect(problems.length > 0).toBe(!vector.valid);
    expect(Array.isArray(warnings)).toBe(true);
    for (const problem of problems) {
      expect(problem).toEqual(expect.objectContaining({ code: expect.stringMatching(/^DD-LIFECYCLE-0\d\d$/), pointer: expect.any(String), message: expect.any(String) }));
    }
  });
});

describe('validate', () => {
  test('text for people: one line a problem, then the verdict', () => {
    expect(drydock(['validate', '--policy', policy]).stdout).toMatch(/^valid: 2 rules$/m);
    const { stdout, status } = drydock(['validate', '--policy', files.file('bad2.json', { rules: [{ rulePriority: 0 }] })]);
    expect(stdout).toMatch(/DD-LIFECYCLE-008 at \/rules\/0\/rulePriority/);
    expect(stdout).toMatch(/not valid\n$/);
    expect(status).toBe(1);
  });

  test('a text that is no JSON is a finding, not a crash', () => {
    expect(drydock(['validate', '--policy', '-', '--format', 'json'], 'rules: []').json()).toMatchObject({ valid: false });
  });
});
