import { cliError } from './codes';
import { readText } from './input';
import { PlanSource } from './plan-source';
import type { ShellOptions } from '../ecr/shell';
import type { InUseSource } from '../lifecycle/gate';
import { InUseReference, inUseBy } from '../lifecycle/in-use';
import { readInUseList } from '../lifecycle/in-use-list';
import { RepositoryState } from '../lifecycle/registry-state';
import { PlanFinding } from '../report/plan';
import { finding } from '../review/codes';
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

/** What runs, where anybody asks for it: the command line, or a gate of the app that will ask in its deployment. */
export async function whatRuns(
  options: ShellOptions & { readonly inUse?: readonly string[] }, app: DesiredApp, source: Pick<PlanSource, 'asksServices'>, signal: AbortSignal,
): Promise<(Omit<InUse, 'references'> & { readonly inUse: Pick<PreviewQuestion, 'inUse' | 'inUseAsked'> }) | undefined> {
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
  return { findings, calls, inUse: { inUse: inUseIn(references), inUseAsked: asked.files.length > 0 ? 'list' : services } };
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
  /** Services that did not answer. */
  readonly findings: readonly PlanFinding[];
  readonly calls: Readonly<Record<string, number>>;
}

/** What runs, by whoever can tell. A file that cannot be used is an error; a service that does not answer leaves the question open. */
export async function readInUse({ files, services, regions, shell, signal }: InUseQuestion): Promise<InUse> {
  const references = files.flatMap((file) => readInUseList(readText(file), file === '-' ? 'standard input' : file));
  if (services.length === 0) {
    return { references, findings: [], calls: {} };
  }
  // The AWS SDK is loaded by those commands only that call AWS.
  /* eslint-disable @typescript-eslint/no-require-imports */
  const { askInUse } = require('../ecr/in-use-survey') as typeof import('../ecr/in-use-survey');
  /* eslint-enable @typescript-eslint/no-require-imports */
  const asked = await askInUse([...new Set(services)], regions, shell, signal);
  return {
    references: [...references, ...asked.references],
    calls: asked.calls,
    findings: asked.failures.map(({ source, problem }) => finding('DD-INUSE-101', 'error', `${NAMES[source]} could not be asked what runs: ${problem.message}`, {
      effect: 'undetermined', fix: problem.fix ?? 'docs/preview.md has the permissions.',
    })),
  };
}

/** Finds the images of a repository that something runs. */
export function inUseIn(references: readonly InUseReference[]): (state: RepositoryState) => ReadonlyMap<string, readonly string[]> {
  return ({ inventory, settings: { repositoryName, repositoryUri } }) => {
    // Most references are to other repositories; taking them apart is what costs time.
    const near = references.filter(({ reference }) => reference.includes(repositoryName) || reference.startsWith('sha256:'));
    return inventory === undefined || near.length === 0 ? new Map() : inUseBy(inventory, repositoryUri ?? repositoryName, near);
  };
}
