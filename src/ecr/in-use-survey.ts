import { referencesInUse } from './in-use';
import { configuredEndpoint, isLoopback, shellConnection, ShellOptions } from './shell';
import { Problem } from '../errors';
import { surveyFailure } from './survey/failure';
import { CEILINGS, Pace } from './survey/pace';
import { PacedBudget } from './survey/paced-budget';
import type { InUseSource } from '../lifecycle/gate';
import type { InUseReference } from '../lifecycle/in-use';

export interface InUseAnswer {
  readonly references: readonly InUseReference[];
  readonly failures: readonly { readonly source: InUseSource; readonly problem: Problem }[];
  /** Calls that were made, by IAM action. */
  readonly calls: Readonly<Record<string, number>>;
}

const CONCURRENCY = 8;

/** Asks services in some Regions what they run. One that does not answer is no reason not to ask the others. */
export async function askInUse(sources: readonly InUseSource[], regions: readonly (string | undefined)[], options: ShellOptions, signal: AbortSignal): Promise<InUseAnswer> {
  const pace = new Pace({ concurrency: CONCURRENCY, ceilings: CEILINGS });
  const references: InUseReference[] = [];
  const failures: { source: InUseSource; problem: Problem }[] = [];
  for (const source of sources) {
    for (const region of regions) {
      const { endpoints: _, ...shell } = shellConnection({ ...options, ...(region === undefined ? {} : { region }) });
      // A stand-in on this machine is asked itself, never AWS about it.
      const endpoint = options.endpoint !== undefined && isLoopback(options.endpoint) && !process.env[`AWS_ENDPOINT_URL_${source.toUpperCase()}`] ? options.endpoint : undefined;
      const where = endpoint ?? configuredEndpoint(process.env) ?? `${source} in ${region ?? 'the Region of the configuration'}`;
      try {
        references.push(...await referencesInUse(source, { ...shell, ...(endpoint !== undefined && { endpoints: { [source]: endpoint } }) }, new PacedBudget(signal, pace)));
      } catch (error) {
        failures.push({ source, problem: surveyFailure(error, where).problems[0] });
      }
    }
  }
  return { references, failures, calls: pace.calls };
}
