/** Known holes in dependencies. Usage: npm run check:audit. Not every mirror of the registry answers; then it says so and fails. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Accepted, AuditReport, auditProblems } from './supply/audit';
import { readContents, ROOT } from './supply/contents';

async function main(): Promise<void> {
  const { stdout, stderr } = spawnSync('npm', ['audit', '--json'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const report = parse(stdout);
  if (report?.vulnerabilities === undefined) {
    throw new Error(`The registry does not answer npm audit: ${stderr.trim().split('\n')[0]}`);
  }
  const accepted = JSON.parse(readFileSync(join(ROOT, 'scripts', 'audit-accepted.json'), 'utf8')) as Accepted[];
  const { packages } = await readContents();
  const problems = auditProblems(report as AuditReport, packages.map(({ path }) => path), accepted, new Date().toISOString().slice(0, 10));
  problems.forEach((problem) => console.log(problem));
  console.log(`${Object.keys(report.vulnerabilities).length} packages with known holes, ${accepted.length} accepted, ${problems.length} to deal with.`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

function parse(text: string): Partial<AuditReport> | undefined {
  try {
    return JSON.parse(text) as Partial<AuditReport>;
  } catch {
    return undefined;
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
