import { AuditReport, auditProblems } from '../../scripts/supply/audit';

const report = (severity: string, path = 'node_modules/x'): AuditReport => ({
  vulnerabilities: {
    x: { nodes: [path], via: [{ url: 'https://example.com/advisories/GHSA-1', title: 'reads too much', severity }] },
    y: { nodes: ['node_modules/y'], via: ['x'] },
  },
});
const ACCEPTED = [{ advisory: 'GHSA-1', reason: 'never reached', until: '2027-01-01' }];

test('a hole in code that ships counts, however small', () => {
  expect(auditProblems(report('low'), ['node_modules/x'], [], '2026-11-24')).toEqual(['x (ships): low: reads too much (GHSA-1)']);
});

test('a hole in a tool of the development counts from high on', () => {
  expect(auditProblems(report('moderate'), ['node_modules/z'], [], '2026-11-24')).toEqual([]);
  expect(auditProblems(report('high'), ['node_modules/z'], [], '2026-11-24')).toHaveLength(1);
  expect(auditProblems(report('critical'), [], [], '2026-11-24')).toHaveLength(1);
});

test('an accepted hole counts again once its time is over', () => {
  expect(auditProblems(report('critical'), ['node_modules/x'], ACCEPTED, '2026-12-31')).toEqual([]);
  expect(auditProblems(report('critical'), ['node_modules/x'], ACCEPTED, '2027-01-01')).toEqual([expect.stringContaining('accepted until 2027-01-01: never reached')]);
});
