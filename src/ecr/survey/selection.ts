import { Problem } from '../../errors';
import { matchesPattern } from '../../lifecycle/match';
import { RepositorySettings } from '../../lifecycle/model';
import { surveyError, surveyProblem } from '../codes';
import { SurveyReader } from './reader';

/** Which repositories: those that any part names. */
export interface Selection {
  readonly repositoryNames: readonly string[];
  readonly prefixes: readonly string[];
  /** `*` stands for any run of characters; the whole name must match. */
  readonly patterns: readonly string[];
  readonly all: boolean;
}

export interface SelectedRepository {
  readonly settings: RepositorySettings;
  /** Its settings could not be read. */
  readonly problem?: Problem;
}

/** The repositories of a selection, sorted by name. A name that is no repository, or a selection that holds none, is an error. */
export async function select(reader: SurveyReader, selection: Selection): Promise<SelectedRepository[]> {
  const { repositoryNames, prefixes, patterns, all } = selection;
  const selected = new Map<string, SelectedRepository>();
  if (all || prefixes.length > 0 || patterns.length > 0) {
    const matches = (name: string) => all || prefixes.some((prefix) => name.startsWith(prefix)) || patterns.some((pattern) => matchesPattern(pattern, name));
    for await (const page of reader.descriptions()) {
      for (const settings of page.filter(({ repositoryName }) => matches(repositoryName))) {
        selected.set(settings.repositoryName, { settings });
      }
    }
  }
  const missing: Problem[] = [];
  for (const name of new Set(repositoryNames.filter((one) => !selected.has(one)))) {
    const found = await reader.describe(name);
    if (found === undefined) {
      missing.push(surveyProblem('DD-SURVEY-008', name, `There is no repository ${name} in this registry and Region.`, { value: name }));
    } else {
      selected.set(name, found);
    }
  }
  if (missing.length > 0) {
    throw surveyError('DD-SURVEY-008', missing[0].pointer, missing.length === 1
      ? missing[0].message
      : `There are no repositories ${missing.map(({ pointer }) => pointer).join(', ')} in this registry and Region.`, { fix: 'Compare the names, the account and the Region.' });
  }
  if (selected.size === 0 && !all) {
    throw surveyError('DD-SURVEY-010', 'selection', `No repository matches ${[...prefixes.map((prefix) => `the prefix ${prefix}`), ...patterns.map((pattern) => `the pattern ${pattern}`)].join(' or ')}.`, {
      fix: '`aws ecr describe-repositories` lists the names; --all takes every repository.',
    });
  }
  return [...selected.values()].sort((a, b) => a.settings.repositoryName < b.settings.repositoryName ? -1 : 1);
}
