import { cliError } from './codes';
import { InUseMatch } from './in-use-match';
import { readText } from './input';
import { PlanSource } from './plan-source';
import type { ShellOptions } from '../ecr/shell';
import type { InUseSource } from '../lifecycle/gate';
import type { InUseReference } from '../lifecycle/in-use';
import { readInUseList } from '../lifecycle/in-use-list';
import { Plan, PlanFinding } from '../report/plan';
import { finding, undetermined } from '../review/codes';
import { DesiredApp } from '../review/desired';
import { PreviewQuestion } from '../review/plan-preview';
import { desiredPolicies } from '../review/policies';

const SERVICES: readonly InUseSource[] = ['ecs', 'lambda'];
const NAMES: Readonly<Record<InUseSource, string>> = { ecs: 'ECS', lambda: 'Lambda' };

/** `--in-use ecs,lambda`, `--in-use running.txt`, `--in-use -`, as often as given. */
export function inUseOptions(values: readonly string[]): { readonly services: readonly InUseSource[]; readonly files: readonly string[] } {
  const parts = values.flatMap((value) => value.split(',')).map((part) => part.trim());
  if (parts.some((part) => part === '')) {
    throw cliError('DD-CLI-005', '--in-use', `${JSON.stringify(values.join(' '))} names nothing.`, 'Give ecs, lambda, a file, or - for standard input.', values);
  }
  const isService = (part: string): part is InUseSource => (SERVICES as readonly string[]).includes(part);
  return { services: parts.filter(isService), files: [...new Set(parts.filter((part) => !isService(part)))] };
}

export interface WhatRuns extends Omit<InUse, 'references'> {
  readonly inUse: Pick<PreviewQuestion, 'inUse' | 'inUseAsked'>;
  /** What came of it, once every repository was looked at. */
  told(plan: Plan): Plan;
}

/** What runs, where anybody asks for it: the command line, or a gate of the app that will ask in its deployment. */
export async function whatRuns(
  options: ShellOptions & { readonly inUse?: readonly string[] }, app: DesiredApp, source: Pick<PlanSource, 'asksServices'>, signal: AbortSignal,
): Promise<WhatRuns | undefined> {
  const policies = desiredPolicies(app);
  const asked = inUseOptions(options.inUse ?? []);
  const services = [...new Set([...asked.services, ...source.asksServices ? policies.flatMap(({ gate }) => typeof gate === 'object' ? gate.inUse ?? [] : []) : []])];
  if (asked.files.length + services.length === 0) {
    return undefined;
  }
  const { region, profile, endpoint } = options;
  const { references, findings, calls } = await readInUse({
    files: asked.files, services, signal, regions: [...new Set(policies.map((policy) => policy.region))],
    shell: { ...(region !== undefined && { region }), ...(profile !== undefined && { profile }), ...(endpoint !== undefined && { endpoint }) },
  });
  const match = new InUseMatch(references);
  return {
    findings, calls, inUse: { inUse: match.in, inUseAsked: asked.files.length > 0 ? 'list' : services },
    told: (plan) => references.length + services.length === 0 ? plan : { ...plan, findings: [...plan.findings, match.told()] },
  };
}

export interface InUseQuestion {
  readonly files: readonly string[];
  /** Asked in each of the Regions. */
  readonly services: readonly InUseSource[];
  /** `undefined`: that of the configuration. */
  readonly regions: readonly (string | undefined)[];
  readonly shell: ShellOptions;
  readonly signal: AbortSignal;
}

export interface InUse {
  readonly references: readonly InUseReference[];
  /** Services that did not answer, and lists without anything. */
  readonly findings: readonly PlanFinding[];
  readonly calls: Readonly<Record<string, number>>;
}

/** What runs, by whoever can tell. A file that cannot be used is an error; a service that does not answer leaves the question open. */
export async function readInUse({ files, services, regions, shell, signal }: InUseQuestion): Promise<InUse> {
  const lists = files.map((file) => {
    const name = file === '-' ? 'standard input' : file;
    return { name, references: readInUseList(readText(file), name) };
  });
  const references = lists.flatMap((list) => list.references);
  const empty = lists.filter((list) => list.references.length === 0).map(({ name }) => undetermined('DD-REVIEW-020',
    `The list of images that run is empty (${name}), so no image is known to be in use.`,
    `See whether ${name === 'standard input' ? 'the command before the pipe fails' : 'what writes it fails'}; leave --in-use out if nothing runs.`));
  if (services.length === 0) {
    return { references, findings: empty, calls: {} };
  }
  // The AWS SDK is loaded by those commands only that call AWS.
  /* eslint-disable @typescript-eslint/no-require-imports */
  const { askInUse } = require('../ecr/in-use-survey') as typeof import('../ecr/in-use-survey');
  /* eslint-enable @typescript-eslint/no-require-imports */
  const asked = await askInUse([...new Set(services)], regions, shell, signal);
  return {
    references: [...references, ...asked.references],
    calls: asked.calls,
    findings: [...empty, ...asked.failures.map(({ source, problem }) => finding('DD-INUSE-101', 'error', `${NAMES[source]} could not be asked what runs: ${problem.message}`, {
      effect: 'undetermined', fix: problem.fix ?? 'docs/preview.md has the permissions.',
    }))],
  };
}
