import { number } from './format';
import { markdownCode, markdownText } from './markdown';
import { accessDetails, imageDetails, leftOut, repositoriesTable, Room } from './markdown-parts';
import { Plan, PlanFinding } from './plan';
import { allFindings, basisText, kindText, OUTCOME_WORDS, placeOf, verdictText } from './plan-words';

/** What GitHub takes as the body of a comment, in characters. */
export const COMMENT_LIMIT = 65_536;

export interface PlanMarkdownOptions {
  /** Characters at the most. @default 65536, as many as a comment of GitHub may have */
  readonly limit?: number;
  /** Rows of each list of images at the most. @default 100 */
  readonly rows?: number;
}

const ROWS = 100;

/**
 * From generous to nothing but the verdict and what decides it. What is least missed goes first: rows of image lists, then lists as such, notes and
 * warnings, repositories to which nothing happens.
 */
const ROOMS: readonly Room[] = [
  ...[100, 50, 25, 10, 5].map((images) => ({ images, access: Infinity, repositories: Infinity, findings: Infinity, lists: Infinity })),
  { images: 5, access: 20, repositories: Infinity, findings: Infinity, lists: 50 },
  { images: 3, access: 10, repositories: 200, findings: 100, lists: 20 },
  { images: 3, access: 5, repositories: 100, findings: 50, lists: 10 },
  { images: 0, access: 5, repositories: 50, findings: 20, lists: 5 },
  { images: 0, access: 0, repositories: 20, findings: 10, lists: 0 },
  { images: 0, access: 0, repositories: 5, findings: 3, lists: 0 },
];
const SMALLEST: Room = { images: 0, access: 0, repositories: 0, findings: 0, lists: 0 };

/** A plan as the comment of a pull request. The first line is a mark by which a workflow finds its comment again. */
export function planMarkdown(plan: Plan, { limit = COMMENT_LIMIT, rows = ROWS }: PlanMarkdownOptions = {}): string {
  const findings = allFindings(plan);
  for (const room of [{ ...ROOMS[0], images: rows }, ...ROOMS.filter(({ images }) => images < rows), SMALLEST]) {
    const text = documentOf(plan, findings, room);
    if (text.length <= limit) {
      return text;
    }
  }
  return shortest(plan, findings, limit);
}

const SIGNS: Readonly<Record<Plan['outcome'], string>> = { passed: '✅', blocked: '⛔', undetermined: '❔' };

function headOf(plan: Plan): string[] {
  return [
    `<!-- drydock:${plan.kind} -->`,
    `## ${SIGNS[plan.outcome]} drydock ${plan.kind}: ${OUTCOME_WORDS[plan.outcome]}`,
    '',
    `**${verdictText(plan)}**`,
  ];
}

function documentOf(plan: Plan, findings: readonly PlanFinding[], room: Room): string {
  const deciding = findings.filter(({ effect }) => effect !== undefined);
  const others = findings.filter(({ effect }) => effect === undefined);
  const shown = others.slice(0, room.findings);
  return [
    ...headOf(plan),
    `${kindText(plan)} of ${markdownCode(plan.app)} against ${markdownText(basisText(plan))}, at ${markdownText(plan.now)}.`,
    '',
    ...section('What decides', deciding.map(findingItem)),
    ...repositoriesTable(plan, room.repositories),
    ...section('Also found', [...shown.map(findingItem), ...leftOut(others.length - shown.length, 'finding')]),
    ...accessDetails(plan.repositories, room),
    ...imageDetails(plan.repositories, room),
    '',
  ].join('\n').replace(/\n{3,}/g, '\n\n');
}

function section(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`### ${title}`, '', ...items, ''];
}

function findingItem(finding: PlanFinding): string {
  const { code, message, fix, severity, effect } = finding;
  const place = placeOf(finding);
  const word = effect === 'undetermined' ? 'unknown' : effect === 'block' || severity === 'error' ? '' : severity;
  const head = `- ${word && `${word} `}**${markdownText(code)}**${place === undefined ? '' : ` ${markdownCode(place)}`}: ${markdownText(message)}`;
  return fix === undefined ? head : `${head}<br>*Fix:* ${markdownText(fix)}`;
}

/** Where even what decides is too long in its own words: its codes and places, as many as there is room for, and always how many there are. */
function shortest(plan: Plan, findings: readonly PlanFinding[], limit: number): string {
  const deciding = findings.filter(({ effect }) => effect !== undefined);
  const head = headOf(plan).join('\n');
  const rest = (many: number) => many === 0 ? '' : `\n\n*${number(many)} of ${number(deciding.length)} findings that decide, and everything else, are left out: the comment would be too long.*`;
  const room = limit - head.length - rest(deciding.length).length - 4;
  const items: string[] = [];
  let length = 0;
  for (const finding of deciding) {
    const place = placeOf(finding);
    const full = findingItem(finding);
    const short = `- **${markdownText(finding.code)}**${place === undefined ? '' : ` ${markdownCode(place)}`}`;
    // All of the first ones in full, the others by their names, so that as few as possible are missing.
    const item = length + full.length + 1 <= room / 2 ? full : short;
    if (length + item.length + 1 > room) {
      break;
    }
    items.push(item);
    length += item.length + 1;
  }
  const left = deciding.length - items.length;
  const said = left === 0 ? '\n\n*Everything else is left out: the comment would be too long.*' : rest(left);
  return `${head}${items.length === 0 ? '' : `\n\n${items.join('\n')}`}${said}\n`;
}
