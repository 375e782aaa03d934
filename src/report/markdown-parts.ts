import { bytes, count, day, number, shortDigest, tagList } from './format';
import { imageReason, inOrder, namedBy } from './image-tables';
import { details, htmlCode, markdownCode, markdownTable, markdownText } from './markdown';
import { AccessSentence, Plan, RepositoryPlan } from './plan';
import { accessSummary, changeText, isQuiet, noRepositoryText, repositoryFindings, severityOf, settingText } from './plan-words';
import { Effect, Preview } from './preview';

/** How much of everything is shown. Infinity: all of it. */
export interface Room {
  /** Rows of each list of images. */
  readonly images: number;
  /** Sentences of each repository about access. */
  readonly access: number;
  /** Rows of the table of repositories. */
  readonly repositories: number;
  /** Findings that do not decide. */
  readonly findings: number;
  /** Repositories with lists of their own. */
  readonly lists: number;
}

export function leftOut(many: number, noun: string, several = `${noun}s`): string[] {
  return many <= 0 ? [] : [`- *and ${number(many)} more ${many === 1 ? noun : several}, left out here*`];
}

/** First those to which something happens. */
export function repositoriesTable(plan: Plan, most: number): string[] {
  const { repositories } = plan;
  if (repositories.length === 0) {
    return [noRepositoryText(plan), ''];
  }
  const order = [...repositories.filter((one) => !isQuiet(one)), ...repositories.filter(isQuiet)];
  const shown = order.slice(0, most);
  if (shown.length === 0) {
    return [`*The table of ${count(order.length, 'repository', 'repositories')} is left out here.*`, ''];
  }
  return [
    ...markdownTable(
      [
        { title: 'repository' }, { title: 'is' }, { title: 'images', right: true }, { title: 'expire', right: true }, { title: 'archived', right: true },
        { title: 'spared', right: true }, { title: 'settings' }, { title: 'access' }, { title: 'findings', right: true },
      ],
      shown.map((repository) => {
        const { title, change, imageCount, settings, lifecycle } = repository;
        const counts = lifecycle?.preview?.counts;
        const found = repositoryFindings(repository);
        const loud = found.some((finding) => severityOf(finding) === 'error') || change === 'replace' || change === 'delete';
        const images = imageCount ?? counts?.images;
        return [
          markdownCode(title), loud ? `**${changeText(repository)}**` : changeText(repository), images === undefined ? '' : number(images),
          counts === undefined ? '' : shareText(counts.expiring, counts.newlyExpiring), counts?.transitioning ? shareText(counts.transitioning, counts.newlyTransitioning) : '',
          counts?.spared ? number(counts.spared) : '', settings.map((setting) => markdownText(settingText(setting))).join('<br>'), accessSummary(repository),
          found.length === 0 ? '' : number(found.length),
        ];
      }),
    ),
    '',
    ...(order.length > shown.length ? [`*and ${count(order.length - shown.length, 'repository', 'repositories')} more, left out here*`, ''] : []),
  ];
}

function shareText(all: number, newly: number | undefined): string {
  return newly === undefined || all === 0 ? number(all) : `${number(all)} (${number(newly)} newly)`;
}

const CHANGES: Readonly<Record<AccessSentence['change'], string>> = { gains: '**gains**', loses: '**loses**', differs: '**differs**' };

export function accessDetails(repositories: readonly RepositoryPlan[], room: Room): string[] {
  const changed = repositories.filter(({ access }) => access !== undefined && (access.changes.length > 0 || !access.complete));
  const shown = changed.slice(0, room.lists);
  return [
    ...shown.flatMap((repository) => {
      const { changes, complete } = repository.access!;
      const listed = changes.slice(0, room.access);
      return details(`Access to ${htmlCode(repository.title)}: ${accessSummary(repository)}`, [
        ...listed.map(({ change, text, marks }) => `- ${CHANGES[change]}${marks.map((mark) => ` (${mark})`).join('')}: ${markdownText(text)}`),
        ...leftOut(changes.length - listed.length, 'change'),
        ...(complete ? [] : ['- Parts of the policy are only known at the deployment; access may change in more than this.']),
      ]);
    }),
    ...omitted(changed.length - shown.length, 'changes of access'),
  ];
}

export function imageDetails(repositories: readonly RepositoryPlan[], room: Room): string[] {
  const acting = repositories.filter(({ lifecycle }) => lifecycle?.preview?.images.some(({ effect }) => effect !== 'HELD'));
  const shown = acting.slice(0, room.lists);
  return [
    ...shown.flatMap((repository) => imageLists(repository.title, { ...repository.lifecycle!.preview!, findings: repositoryFindings(repository) }, room.images)),
    ...omitted(acting.length - shown.length, 'lists of images'),
  ];
}

function omitted(many: number, what: string): string[] {
  return many <= 0 ? [] : [`*The ${what} of ${count(many, 'repository', 'repositories')} are left out here.*`, ''];
}

const LISTS: readonly (readonly [Effect, (many: number) => string])[] = [
  ['EXPIRE', (many) => `${count(many, 'image')} ${many === 1 ? 'expires' : 'expire'}`],
  ['TRANSITION', (many) => `${count(many, 'image')} ${many === 1 ? 'is' : 'are'} archived`],
  ['SPARED', (many) => `${count(many, 'image')} ${many === 1 ? 'is' : 'are'} spared that the policy in force would take`],
];

function imageLists(title: string, preview: Preview, most: number): string[] {
  const now = Date.parse(preview.now);
  const reason = imageReason(preview);
  const named = namedBy(preview);
  return LISTS.flatMap(([effect, words]) => {
    const images = inOrder(preview.images.filter((image) => image.effect === effect), named);
    if (images.length === 0) {
      return [];
    }
    const shown = images.slice(0, most);
    return details(`${htmlCode(title)}: ${words(images.length)}`, [
      ...(shown.length === 0 ? [] : markdownTable(
        [{ title: 'tags' }, { title: 'digest' }, { title: 'pushed' }, { title: 'size', right: true }, { title: 'rule', right: true }, { title: 'why' }, { title: 'stopped by' }],
        shown.map((image) => [
          image.imageTags.length === 0 ? '*untagged*' : markdownCode(tagList(image.imageTags)),
          markdownCode(shortDigest(image.imageDigest)), day(image.imagePushedAt, now), image.imageSizeInBytes === undefined ? '' : bytes(image.imageSizeInBytes),
          String(image.rulePriority), markdownText([reason(image), image.newly === false ? 'as before' : ''].filter((part) => part !== '').join(', ')),
          (named.get(image.imageDigest) ?? []).map((code) => `**${markdownText(code)}**`).join(', '),
        ]),
      )),
      ...(images.length > shown.length ? ['', `*and ${count(images.length - shown.length, 'image')}${shown.length > 0 ? ' more' : ''}, left out here*`] : []),
    ]);
  });
}
