import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleTargets, OUTPUT, PROGRAMS } from './bundle';
import type { TargetResult } from './host';
import type { Finding } from './session';
import { TARGETS } from './targets';

const FINDINGS = join(OUTPUT, 'findings');

/** `npm run test:fuzz -- --seconds 120 [--seed S] [--target NAME] [--input FILE]` */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '120' }, seed: { type: 'string' }, target: { type: 'string', multiple: true }, input: { type: 'string' } },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  const unknown = (values.target ?? []).find((name) => TARGETS.every((target) => target.name !== name));
  if (unknown !== undefined || !Number.isFinite(seed) || !(Number(values.seconds) > 0) || (values.input !== undefined && values.target?.length !== 1)) {
    process.stderr.write(`--seconds and --seed are numbers, --target is one of ${TARGETS.map(({ name }) => name).join(', ')}, and --input goes with one target.\n`);
    process.exitCode = 1;
    return;
  }
  const names = values.target ?? TARGETS.map(({ name }) => name);
  process.stdout.write(`${names.length} targets, ${values.seconds} s, seed ${seed}\n`);
  await bundleTargets();
  const input = values.input === undefined ? undefined : readFileSync(values.input);
  const results: TargetResult[] = [];
  for (const target of names) {
    const result = await runHost({ target, seed, seconds: Number(values.seconds) / names.length, ...(input && { input: input.toString('base64') }) });
    results.push(result);
    process.stdout.write(row(result));
  }
  report(results);
}

function runHost(order: object): Promise<TargetResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(PROGRAMS, 'host.js'), JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      try {
        resolve(JSON.parse(Buffer.concat(chunks).toString()) as TargetResult);
      } catch (error) {
        reject(new Error(`The process of a target ended with code ${code} and no result.`, { cause: error }));
      }
    });
  });
}

const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1_048_576)} MiB`;

function row({ target, tried, kept, findings, slowest, peakBytes }: TargetResult): string {
  return `${target.padEnd(22)} ${String(tried).padStart(9)} inputs  ${String(kept).padStart(5)} kept  ${String(findings.length).padStart(3)} findings  `
    + `slowest ${(slowest?.millis ?? 0).toFixed(1).padStart(7)} ms  memory ${mebibytes(peakBytes)}\n`;
}

function report(results: readonly TargetResult[]): void {
  const findings = results.flatMap((result) => result.findings);
  const slowest = results.reduce((a, b) => ((b.slowest?.millis ?? 0) > (a.slowest?.millis ?? 0) ? b : a));
  process.stdout.write(`\ninputs tried: ${results.reduce((sum, { tried }) => sum + tried, 0)}\ncrashes: ${findings.length}\n`
    + `slowest input: ${(slowest.slowest?.millis ?? 0).toFixed(1)} ms (${slowest.target})\npeak memory: ${mebibytes(Math.max(...results.map(({ peakBytes }) => peakBytes)))}\n`);
  if (slowest.slowest !== undefined) {
    save({ target: slowest.target, input: bufferOf(slowest.slowest.input) }, 'slowest');
  }
  for (const finding of findings) {
    const file = save({ target: finding.target, input: bufferOf(finding.input) }, finding.kind);
    process.stdout.write(`\n${finding.kind} in ${finding.target}: ${finding.message}\n  npm run test:fuzz -- --target ${finding.target} --input ${file}\n`);
  }
  process.exitCode = findings.length > 0 ? 1 : 0;
}

/** JSON has made an object of it. */
const bufferOf = (input: unknown) => Buffer.from((input as { data: number[] }).data);

function save({ target, input }: Pick<Finding, 'target' | 'input'>, kind: string): string {
  mkdirSync(FINDINGS, { recursive: true });
  const file = join(FINDINGS, `${target}-${kind}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`);
  writeFileSync(file, input);
  return relative(process.cwd(), file);
}

void main();
