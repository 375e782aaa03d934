import { Block, heading, line, Report, Row, table, Tone } from './blocks';
import { bytes, count, number } from './format';
import { ListOptions } from './image-tables';
import { AccessSentence, LifecyclePlan, Plan, PlanFinding, RepositoryPlan } from './plan';
import {
  accessSummary, basisText, callsText, changeText, kindText, isQuiet, lifecycleText, noRepositoryText, OUTCOME_TONES, OUTCOME_WORDS, placeOf, repositoryFindings, severityOf,
  settingText, verdictText,
} from './plan-words';
import { findingBlock, previewReport } from './preview-report';
import { sanitise } from './sanitise';
import { renderText, TextOptions } from './text';

const DEFAULT_LIMIT = 20;

export interface PlanTextOptions extends TextOptions, Partial<ListOptions> {}

/** A plan for a terminal. */
export function planText(plan: Plan, options: PlanTextOptions = {}): string {
  return renderText(planReport(plan, options), options);
}

/** The verdict, all repositories in a table, then one by one what there is to say about them. */
export function planReport(plan: Plan, { limit = DEFAULT_LIMIT, more }: Partial<ListOptions> = {}): Report {
  const calls = callsText(plan);
  const quiet = plan.repositories.filter(isQuiet);
  return [
    heading(`${kindText(plan)} of ${sanitise(plan.app)} against ${sanitise(basisText(plan))}, at ${sanitise(plan.now)}`),
    line(`${OUTCOME_WORDS[plan.outcome]}: ${verdictText(plan)}`, OUTCOME_TONES[plan.outcome]),
    ...(calls === undefined ? [] : [line(sanitise(calls), 'quiet')]),
    ...plan.findings.map(planFindingBlock),
    ...repositoryTable(plan),
    ...plan.repositories.filter((repository) => !quiet.includes(repository)).flatMap((repository) => repositoryReport(repository, { limit, more })),
  ];
}

export function planFindingBlock(finding: PlanFinding): Block {
  const { code, message, fix } = finding;
  return findingBlock({ severity: severityOf(finding), code, place: placeOf(finding), message, fix });
}

function repositoryTable(plan: Plan): Block[] {
  const { repositories } = plan;
  if (repositories.length === 0) {
    return [line(noRepositoryText(plan))];
  }
  return [line(''), table(
    [
      { title: 'repository', wide: true }, { title: 'is' }, { title: 'images', right: true }, { title: 'size', right: true }, { title: 'expire', right: true }, { title: 'archived', right: true },
      { title: 'spared', right: true }, { title: 'access', wide: true }, { title: 'findings', right: true },
    ],
    repositories.map((repository): Row => {
      const counts = repository.lifecycle?.preview?.counts;
      const found = repositoryFindings(repository);
      return {
        cells: [
          sanitise(repository.title), changeText(repository), optional(repository.imageCount ?? counts?.images),
          repository.imageSizeInBytes === undefined ? '' : bytes(repository.imageSizeInBytes),
          optional(counts?.expiring), counts?.transitioning ? number(counts.transitioning) : '', counts?.spared ? number(counts.spared) : '',
          accessSummary(repository), found.length === 0 ? '' : number(found.length),
        ],
        tone: toneOf(repository, found),
      };
    }),
  )];
}

function toneOf({ change }: RepositoryPlan, found: readonly PlanFinding[]): Tone | undefined {
  return change === 'replace' || change === 'delete' || found.some((finding) => severityOf(finding) === 'error') ? 'bad'
    : change === 'unknown' || found.some(({ severity }) => severity === 'warning') ? 'warning' : undefined;
}

const optional = (value: number | undefined) => value === undefined ? '' : number(value);

function repositoryReport(repository: RepositoryPlan, options: ListOptions): Block[] {
  const { title, places, settings, access, lifecycle, imageCount, account, region } = repository;
  const where = [account, region].filter((part) => part !== undefined).join(' ');
  const holds = imageCount === undefined ? '' : `, ${count(imageCount, 'image')}`;
  const findings = repositoryFindings(repository);
  return [
    heading(`${sanitise(title)}: ${changeText(repository)}${holds}${where && ` (${sanitise(where)})`}`),
    ...places.map(({ constructPath, stackName, resourceType }) => line(`  ${sanitise(constructPath)} (${sanitise(resourceType)} in ${sanitise(stackName)})`, 'quiet')),
    ...findings.map(planFindingBlock),
    ...settings.map((setting) => line(`  ${sanitise(settingText(setting))}`, setting.replaces ? 'bad' : undefined)),
    ...(access === undefined ? [] : [
      // What a finding says in the same words is not said twice.
      ...access.changes.filter(({ text }) => !findings.some(({ message }) => message === text)).map((sentence) => line(`  ${ACCESS_SIGNS[sentence.change]} ${sanitise(sentence.text)}`, accessTone(sentence))),
      ...(access.complete ? [] : [line('  Parts of the policy are only known at the deployment; access may change in more than this.', 'warning')]),
    ]),
    ...(lifecycle === undefined ? [] : lifecycleReport(lifecycle, findings, options)),
  ];
}

const ACCESS_SIGNS: Readonly<Record<AccessSentence['change'], string>> = { gains: '+', loses: '-', differs: '~' };

export function accessTone({ change, marks }: AccessSentence): Tone | undefined {
  return marks.includes('public') && change !== 'loses' ? 'bad' : change === 'loses' ? undefined : marks.length > 0 ? 'warning' : undefined;
}

function lifecycleReport({ change, at, policyHash, preview }: LifecyclePlan, findings: readonly PlanFinding[], options: ListOptions): Block[] {
  const hash = policyHash === undefined ? '' : ` ${sanitise(policyHash)}`;
  return [
    // A verdict says so itself.
    ...(change === 'put' && preview?.verdict !== undefined ? [] : [line(lifecycleText(change, hash))]),
    ...(preview !== undefined ? previewReport({ ...preview, findings }, { ...options, findingsShown: true })
      // A template is for repositories to come.
      : change === 'put' && at.resourceType !== 'AWS::ECR::RepositoryCreationTemplate' ? [line('  Its images are not known, so nobody can say what goes.', 'warning')] : []),
  ];
}
