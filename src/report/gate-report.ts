import { Block, heading, line, Report } from './blocks';
import { count, day, shortDigest, tagList } from './format';
import { sanitise } from './sanitise';

/** An image as the handler logs it. */
export interface LoggedPreviewImage {
  readonly imageDigest: string;
  readonly imageTags: readonly string[];
  readonly imagePushedAt: string;
  readonly action: string;
  readonly rulePriority: number;
  readonly newly: boolean;
  readonly why: string;
}

/** What the handler's log says of one preview: its `preview` records and its `gate` record, put together. */
export interface LoggedPreview {
  readonly repositoryName: string;
  readonly policyHash: string;
  readonly verdict: string;
  readonly images: readonly LoggedPreviewImage[];
  /** `digests`: the first images of the finding. */
  readonly findings: readonly { readonly code: string; readonly message: string; readonly fix: string; readonly digests?: readonly string[] }[];
  readonly counts: { readonly images: number; readonly expiring: number; readonly transitioning: number; readonly newlyExpiring: number; readonly newlyTransitioning: number };
}

/** The gate's decision and the images that it is about: first those that it names, rarest finding first, then those that newly go. */
export function gateReport(preview: LoggedPreview, limit: number, now: number): Report {
  const { repositoryName, policyHash, verdict, findings, counts } = preview;
  const blocks: Block[] = [
    heading(`Preview of lifecycle policy ${sanitise(policyHash)} on ${sanitise(repositoryName)}`),
    line(`${count(counts.images, 'image')}: ${count(counts.expiring, 'image')} would expire (${counts.newlyExpiring} newly), `
      + `${count(counts.transitioning, 'image')} would be archived (${counts.newlyTransitioning} newly). Verdict: ${sanitise(verdict)}.`, verdict === 'blocked' ? 'bad' : 'good'),
  ];
  for (const finding of findings) {
    blocks.push(line(`${finding.code} ${sanitise(finding.message)}`, verdict === 'blocked' ? 'bad' : 'warning'));
    blocks.push(line(`  ${sanitise(finding.fix)}`, 'quiet'));
  }
  const named = new Map<string, number>();
  for (const { digests = [] } of [...findings].sort((a, b) => (a.digests?.length ?? 0) - (b.digests?.length ?? 0))) {
    digests.forEach((digest) => named.set(digest, named.get(digest) ?? named.size));
  }
  const ordered = [...preview.images].sort((a, b) => (named.get(a.imageDigest) ?? named.size) - (named.get(b.imageDigest) ?? named.size) || Number(b.newly) - Number(a.newly)
    || Number(a.imageTags.length === 0) - Number(b.imageTags.length === 0) || a.imagePushedAt.localeCompare(b.imagePushedAt));
  if (ordered.length > 0) {
    blocks.push({
      kind: 'table',
      columns: [{ title: 'action' }, { title: 'rule' }, { title: 'tags' }, { title: 'digest' }, { title: 'pushed' }, { title: 'why', wide: true }],
      rows: ordered.slice(0, limit).map((image) => [
        `${image.newly ? '' : 'as before: '}${image.action === 'EXPIRE' ? 'expire' : 'archive'}`, String(image.rulePriority), tagList(image.imageTags, 3),
        shortDigest(image.imageDigest), day(image.imagePushedAt, now), sanitise(image.why),
      ]),
      more: ordered.length > limit ? `and ${count(ordered.length - limit, 'more image')}` : undefined,
    });
  }
  return blocks;
}

/** Puts the handler's log records together, in the order in which the gates decided. */
export function previewsOf(records: readonly Readonly<Record<string, unknown>>[]): LoggedPreview[] {
  const previews: LoggedPreview[] = [];
  let images: LoggedPreviewImage[] = [];
  for (const record of records) {
    if (record.message === 'preview') {
      images.push(...record.images as LoggedPreviewImage[]);
    } else if (record.message === 'gate') {
      previews.push({ ...(record as unknown as LoggedPreview), images });
      images = [];
    }
  }
  return previews;
}
