import { Finding, ImageName, Measure, Preview, PreviewCounts, PreviewImage, PreviewRule } from './preview';
import { Uncertainty } from '../lifecycle/model';
import { isoText } from '../lifecycle/time';

/** An image as the handler logs it. */
export interface LoggedPreviewImage extends Measure {
  readonly imageDigest: string;
  readonly imageTags: readonly string[];
  readonly imagePushedAt: string;
  readonly lastRecordedPullTime?: string;
  readonly imageSizeInBytes?: number;
  readonly action: string;
  readonly rulePriority: number;
  readonly newly: boolean;
  /** The subject that a referrer goes with. */
  readonly becauseOf?: string;
  readonly uncertain?: readonly Uncertainty[];
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
  readonly counts: Required<Pick<PreviewCounts, 'images' | 'expiring' | 'transitioning' | 'newlyExpiring' | 'newlyTransitioning'>>;
  /** Not in the log of earlier releases. */
  readonly rules?: readonly PreviewRule[];
}

type LogRecord = Readonly<Record<string, unknown>>;

/**
 * Puts the handler's log records together, in the order in which the gates decided. Functions of several stacks may write at the same time; a preview that came
 * to no decision leaves pages behind that belong to no other.
 */
export function loggedPreviews(records: readonly LogRecord[]): LoggedPreview[] {
  const previews: LoggedPreview[] = [];
  const pages = new Map<string, LoggedPreviewImage[]>();
  for (const record of records) {
    const key = JSON.stringify([record.stackId, record.logicalResourceId, record.requestId, record.repositoryName, record.policyHash]);
    if (record.message === 'preview') {
      const before = record.page === 1 ? [] : pages.get(key) ?? [];
      before.push(...record.images as LoggedPreviewImage[]);
      pages.set(key, before);
    } else if (record.message === 'gate') {
      const { repositoryName, policyHash, verdict, findings, counts, rules } = record as unknown as LoggedPreview;
      previews.push({ repositoryName, policyHash, verdict, counts, findings, ...(rules && { rules }), images: pages.get(key) ?? [] });
      pages.delete(key);
    }
  }
  return previews;
}

/** `now`: the registry's time, in milliseconds. */
export function previewFromLog(logged: LoggedPreview, now: number): Preview {
  const { repositoryName, policyHash, counts, rules = [] } = logged;
  const verdict = logged.verdict as Preview['verdict'];
  const names = new Map(logged.images.map(({ imageDigest, imageTags }): [string, ImageName] => [imageDigest, { imageDigest, imageTags }]));
  return {
    repositoryName,
    policyHash,
    now: isoText(now),
    verdict,
    counts,
    rules,
    images: logged.images.map(({ action, becauseOf, ...image }): PreviewImage => ({
      ...image,
      effect: action === 'EXPIRE' ? 'EXPIRE' : 'TRANSITION',
      ...(becauseOf !== undefined && { follows: names.get(becauseOf) ?? { imageDigest: becauseOf, imageTags: [] } }),
    })),
    findings: logged.findings.map((finding): Finding => ({ severity: verdict === 'blocked' ? 'error' : 'warning', ...finding })),
    uncertain: marksOf(logged.images),
  };
}

function marksOf(images: readonly LoggedPreviewImage[]): Preview['uncertain'] {
  const marks: Partial<Record<Uncertainty, number>> = {};
  for (const mark of images.flatMap(({ uncertain = [] }) => uncertain)) {
    marks[mark] = (marks[mark] ?? 0) + 1;
  }
  return marks;
}
