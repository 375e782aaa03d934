import { Command } from 'commander';
import { cliError } from './codes';
import { readChoice, readCount, readEndpoint } from './input';
import { printReport } from './output';
import { Progress } from './progress';
import type { ManifestReading } from '../ecr/survey/manifests';
import type { Snapshot } from '../ecr/survey/snapshot';
import { Problem } from '../errors';
import { Block, line } from '../report/blocks';
import { bytes, count, number } from '../report/format';
import { problemBlock } from '../report/preview-report';
import { sanitise } from '../report/sanitise';

interface SnapshotCommandOptions {
  readonly repository?: readonly string[];
  readonly prefix?: readonly string[];
  readonly pattern?: readonly string[];
  readonly all?: boolean;
  readonly out: string;
  readonly restart?: boolean;
  readonly manifests: string;
  readonly concurrency: string;
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
}

const MANIFESTS = ['auto', 'always', 'never'] as const;
const FINDINGS_SHOWN = 20;

const HELP = `
Nothing is changed in the registry. What an index lists is only read when ECR does not count that as a pull: when the caller is
excluded from pull-time updates, or with --manifests always.

Broken off at any point, the same command goes on where it was; until then its journal lies beside the output (FILE.partial).

Exit code: 0 everything was read, 1 something could not be read, and the messages say what.

Example:
  $ drydock snapshot --prefix shop/ --out shop.json
  $ drydock snapshot --all --region eu-central-1 --profile audit --out registry.json`;

export function snapshotCommand(): Command {
  return new Command('snapshot')
    .description('Write what repositories hold, as they are now, to an inventory file')
    .option('--repository <names...>', 'these repositories')
    .option('--prefix <prefixes...>', 'repositories whose name begins so')
    .option('--pattern <globs...>', 'repositories whose whole name matches; * stands for any run of characters')
    .option('--all', 'every repository')
    .requiredOption('--out <file>', 'inventory to write')
    .option('--restart', 'begin anew, whatever an earlier run has left')
    .option('--manifests <when>', 'read what indexes list: auto, always or never', 'auto')
    .option('--concurrency <number>', 'calls at a time, 1 to 64', '8')
    .option('--region <name>', 'AWS Region (default: as the AWS SDK finds it)')
    .option('--profile <name>', 'profile of the AWS configuration (default: as the AWS SDK finds it)')
    .option('--endpoint <url>', 'where ECR is (default: AWS_ENDPOINT_URL_ECR, AWS_ENDPOINT_URL, then AWS)')
    .addHelpText('after', HELP)
    .action((options: SnapshotCommandOptions) => snapshot(options));
}

async function snapshot(options: SnapshotCommandOptions): Promise<void> {
  const { repository = [], prefix = [], pattern = [], all = false, out: file, restart, region, profile } = options;
  const endpoint = readEndpoint(options.endpoint);
  if (!all && repository.length + prefix.length + pattern.length === 0) {
    throw cliError('DD-CLI-007', '--repository', 'No repositories are selected.', 'Give --repository, --prefix, --pattern or --all.');
  }
  if (file === '-') {
    throw cliError('DD-CLI-005', '--out', 'A snapshot is written to a file, beside which it keeps its journal.', 'Give the path of a file.', file);
  }
  const manifests = readChoice<ManifestReading>(options.manifests, '--manifests', MANIFESTS);
  const concurrency = readCount(options.concurrency, '--concurrency', 64);
  if (concurrency === 0) {
    throw cliError('DD-CLI-005', '--concurrency', 'At least one call at a time is needed.', undefined, options.concurrency);
  }
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const progress = new Progress('{bar} {value}/{total} repositories, {images} images');
  const began = performance.now();
  // The AWS SDK is loaded by those commands only that call AWS.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { takeSnapshot } = require('../ecr/survey/snapshot') as typeof import('../ecr/survey/snapshot');
  try {
    const taken = await takeSnapshot({
      selection: { repositoryNames: [...repository].sort(), prefixes: [...prefix].sort(), patterns: [...pattern].sort(), all },
      out: file, manifests, concurrency, signal: stop.signal,
      ...(restart && { restart }), ...(region !== undefined && { region }), ...(profile !== undefined && { profile }), ...(endpoint !== undefined && { endpoint }),
      onProgress: ({ repositories, repositoriesDone, images }) => progress.show(repositoriesDone, repositories, { images: number(images) }),
    });
    progress.stop();
    printReport(blocksOf(file, taken, performance.now() - began));
    process.exitCode = taken.problems.some(isUnread) ? 1 : 0;
  } finally {
    progress.stop();
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
  }
}

function blocksOf(file: string, taken: Snapshot, millis: number): Block[] {
  const { problems, resumed } = taken;
  const calls = Object.entries(taken.calls).sort(([a], [b]) => a < b ? -1 : 1);
  const total = calls.reduce((sum, [, made]) => sum + made, 0);
  return [
    ...problems.slice(0, FINDINGS_SHOWN).map((problem) => problemBlock(isUnread(problem) ? 'error' : 'warning')(problem)),
    ...(problems.length > FINDINGS_SHOWN ? [line(`and ${count(problems.length - FINDINGS_SHOWN, 'finding')} more`, 'warning')] : []),
    line(`${sanitise(file)}: ${repositoryCount(taken.repositories)}, ${count(taken.images, 'image')}, ${count(taken.indexes, 'index', 'indexes')} with their parts, ${bytes(taken.bytes)}`, 'good'),
    ...(resumed === undefined ? [] : [line(`Of these, an earlier run had read ${repositoryCount(resumed.repositories)} and ${count(resumed.images, 'image')}.`, 'quiet')]),
    line(`${count(total, 'call')} in ${(millis / 1000).toFixed(1)} s${taken.throttled > 0 ? `, ${number(taken.throttled)} of them throttled` : ''}; at most ${bytes(process.resourceUsage().maxRSS * 1024)} of memory`),
    ...calls.map(([operation, made]) => line(`  ${operation} ${number(made)}`, 'quiet')),
  ];
}

/** It was to be read, and could not be. */
function isUnread({ code }: Problem): boolean {
  return code === 'DD-SURVEY-101' || code === 'DD-SURVEY-103';
}

function repositoryCount(how: number): string {
  return count(how, 'repository', 'repositories');
}
