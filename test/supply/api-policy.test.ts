import * as fc from 'fast-check';
import { announcesBreakage, breakingBump, latestRelease, refusal, saysThatItBreaks } from '../../scripts/api-policy';

test.each([
  ['0.3.1', '0.3.2', false],
  ['0.3.1', '0.4.0', true],
  ['0.3.1', '1.0.0', true],
  ['1.3.1', '1.4.0', false],
  ['1.3.1', '2.0.0', true],
  ['2.0.0', '1.9.9', false],
])('from %s to %s something may break: %s', (released, next, expected) => {
  expect(saysThatItBreaks(released, next)).toBe(expected);
});

test.each([
  ['feat!: another name', true],
  ['fix(gate)!: another default', true],
  ['feat: another name\n\nBREAKING CHANGE: the old one is gone', true],
  ['feat: another name\n\nBREAKING-CHANGE: the old one is gone', true],
  ['feat: nothing breaks!', false],
  ['feat: a word\n\nIt mentions a BREAKING CHANGE: of others', false],
  ['docs: what a breaking change is', false],
])('%j announces a breakage: %s', (message, expected) => {
  expect(announcesBreakage(message)).toBe(expected);
});

test('the newest release is found by number, and tags that are no release do not count', () => {
  expect(latestRelease(['v0.9.0', 'v0.10.0', 'v0.2.11', 'nightly', 'v1.0.0-rc.1', 'v'])).toBe('v0.10.0');
  expect(latestRelease([''])).toBeUndefined();
});

test('what breaks is refused, unless the version or a commit says so', () => {
  const change = { breaking: true, released: '0.4.0', version: '0.0.0', messages: ['fix: a name'] };
  expect(refusal(change)).toMatch(/no commit since says so.*minor version/s);
  expect(refusal({ ...change, messages: ['fix: a name', 'feat!: another'] })).toBeUndefined();
  expect(refusal({ ...change, breaking: false })).toBeUndefined();
  expect(refusal({ ...change, version: '0.4.1', messages: ['feat!: another'] })).toMatch(/0\.4\.1 does not say so/);
  expect(refusal({ ...change, version: '0.5.0' })).toBeUndefined();
  expect(refusal({ ...change, released: '1.4.0', version: '1.5.0' })).toMatch(/major version/);
});

test('a release that makes the breaking step says that it breaks, and one that makes a smaller step does not', () => {
  const part = fc.nat({ max: 50 });
  fc.assert(fc.property(part, part, part, (major, minor, patch) => {
    const released = `${major}.${minor}.${patch}`;
    const step = { major: `${major + 1}.0.0`, minor: `${major}.${minor + 1}.0`, patch: `${major}.${minor}.${patch + 1}` };
    expect(saysThatItBreaks(released, step[breakingBump(released)])).toBe(true);
    expect(saysThatItBreaks(released, step.patch)).toBe(false);
  }));
});
