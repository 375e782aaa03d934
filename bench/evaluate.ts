/**
 * Prints evaluation time / JSON.parse time of the same inventory, both measured in this run in alternating rounds, and how evaluation grows from
 * 10,000 to 100,000 images. Evaluation is everything from the parsed JSON to verdicts, summary and list of actions; sentences are
 * made when asked for. Options: --rounds N (21), --check exits 1 when a ratio is 1 or more.
 */
import * as fs from 'fs';
import * as path from 'path';
import { benchInventory, benchPolicy } from './evaluate-data';
import { evaluate } from '../src/lifecycle/evaluate';
import { Inventory, PolicyDocument } from '../src/lifecycle/model';

interface Figures {
  readonly images: number;
  readonly megabytes: number;
  readonly parse: number;
  readonly evaluate: number;
  /** Verdict objects of all images, for comparison: a caller seldom wants them all. */
  readonly verdicts: number;
}

/** Alternates parsing and evaluating; each evaluation gets an inventory that was parsed just before, as in use. */
function measure(text: string, policy: PolicyDocument, now: string, rounds: number): Figures {
  const parse: number[] = [];
  const judge: number[] = [];
  const verdicts: number[] = [];
  let images = 0;
  // Small inventories get more rounds: what counts is the compiled code, and the clock is coarse.
  const total = Math.max(rounds, Math.ceil(rounds * 5_000_000 / text.length));
  const warmUp = Math.ceil(total / 4);
  for (let round = 0; round < total + warmUp; round++) {
    const started = process.hrtime.bigint();
    const inventory = JSON.parse(text) as Inventory;
    const parsed = process.hrtime.bigint();
    const evaluation = evaluate(policy, inventory, now);
    const acted = evaluation.actions.length + evaluation.blocked.length + evaluation.cascade.length + evaluation.summary.keeps;
    const judged = process.hrtime.bigint();
    images = evaluation.count;
    if (acted < evaluation.count) {
      throw new Error('The figures of the evaluation do not fit together.');
    }
    if (round >= warmUp) {
      parse.push(Number(parsed - started) / 1e6);
      judge.push(Number(judged - parsed) / 1e6);
    }
    if (round % 5 === 0) {
      const begun = process.hrtime.bigint();
      let kept = 0;
      for (const verdict of evaluation.verdicts()) {
        kept += verdict.outcome === 'KEEP' ? 1 : 0;
      }
      verdicts.push(Number(process.hrtime.bigint() - begun) / 1e6);
      if (kept !== evaluation.summary.keeps) {
        throw new Error('The verdicts and the summary do not fit together.');
      }
    }
  }
  return { images, megabytes: text.length / 1e6, parse: median(parse), evaluate: median(judge), verdicts: median(verdicts) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function print(name: string, figures: Figures): void {
  const { images, megabytes, parse, evaluate: judged, verdicts } = figures;
  const columns = [
    name.padEnd(24), String(images).padStart(7), `${megabytes.toFixed(1)} MB`.padStart(8), `${parse.toFixed(1)} ms`.padStart(10),
    `${judged.toFixed(1)} ms`.padStart(10), (judged / parse).toFixed(2).padStart(7), `${verdicts.toFixed(1)} ms`.padStart(14),
  ];
  console.log(columns.join(' '));
}

const option = (name: string) => process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined;
const ROUNDS = Number(option('--rounds') ?? 21);
const NOW = '2026-01-31T12:00:00Z';
const policy = benchPolicy();

console.log(`${policy.rules.length} rules, median of ${ROUNDS} rounds`);
console.log('inventory                 images    bytes      parse   evaluate   ratio   all verdicts');
const generated = [10_000, 50_000, 100_000].map((count) => {
  const figures = measure(JSON.stringify(benchInventory(count, NOW)), policy, NOW, ROUNDS);
  print('generated', figures);
  return figures;
});
const directory = process.env.DRYDOCK_INVENTORIES ?? path.join(__dirname, '..', '..', 'shared', 'inventories');
const files = fs.existsSync(directory) ? fs.readdirSync(directory).filter((file) => file.endsWith('.json')).sort() : [];
const real = files.map((file) => {
  const figures = measure(fs.readFileSync(path.join(directory, file), 'utf8'), policy, NOW, ROUNDS);
  print(file, figures);
  return figures;
});
if (real.length === 0) {
  console.log(`No real inventories in ${directory} (DRYDOCK_INVENTORIES).`);
}
const growth = (what: 'parse' | 'evaluate') => `x ${(generated[2][what] / generated[0][what]).toFixed(1)}`;
console.log(`from ${generated[0].images} to ${generated[2].images} images (x ${(generated[2].images / generated[0].images).toFixed(1)}): `
  + `evaluate ${growth('evaluate')}, parse ${growth('parse')} (both leave the processor's caches on the way)`);
console.log(`ratio at ${generated[2].images} images: ${(generated[2].evaluate / generated[2].parse).toFixed(2)} (aim: below 1.0)`);
if (process.argv.includes('--check') && [...generated, ...real].some((figures) => figures.evaluate >= figures.parse)) {
  process.exitCode = 1;
}
