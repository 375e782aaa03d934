import { DescribeImagesCommand, GetLifecyclePolicyPreviewCommand, LifecyclePolicyPreviewResult, StartLifecyclePolicyPreviewCommand } from '@aws-sdk/client-ecr';
import { isPreviewNotFound, isRepositoryNotFound } from './errors';
import { Registry, RepositoryAddress } from './registry';
import type { ImageDetail } from '../lifecycle/model';

/** The largest page that DescribeImages gives; the default is 100. */
const IMAGES_PAGE = 1000;
/** The largest page that GetLifecyclePolicyPreview gives. */
const PREVIEW_PAGE = 100;

export type PreviewResult = LifecyclePolicyPreviewResult;

/** One page of a preview, with what tells whose preview it is. */
export interface PreviewPage {
  readonly status: string;
  readonly lifecyclePolicyText: string;
  readonly results: readonly PreviewResult[];
  readonly nextToken?: string;
}

/** Images and previews: reads only. BatchGetImage is never among them, since it would count as a pull. */
export class ImageReader {
  constructor(private readonly registry: Registry) {}

  /**
   * All images, archived ones and those being restored included: without a filter only ACTIVE ones come. Undefined when the
   * repository does not exist.
   */
  public async describeImages(address: RepositoryAddress): Promise<ImageDetail[] | undefined> {
    const images: ImageDetail[] = [];
    let nextToken: string | undefined;
    try {
      do {
        const page = await this.registry.budget.call('ecr:DescribeImages', (abortSignal) => this.registry.connection.ecr.send(new DescribeImagesCommand({
          ...address, filter: { imageStatus: 'ANY' }, maxResults: IMAGES_PAGE, ...(nextToken === undefined ? {} : { nextToken }),
        }), { abortSignal }));
        for (const image of page.imageDetails ?? []) {
          images.push(image as ImageDetail);
        }
        nextToken = page.nextToken || undefined;
      } while (nextToken !== undefined);
    } catch (error) {
      if (isRepositoryNotFound(error)) {
        return undefined;
      }
      throw error;
    }
    return images;
  }

  /** Starts a preview. Sent once: repeated blindly, it would meet the preview that it has itself begun. */
  public async startPreview(address: RepositoryAddress, lifecyclePolicyText: string): Promise<void> {
    await this.registry.budget.once('ecr:StartLifecyclePolicyPreview', (abortSignal) =>
      this.registry.connection.ecr.send(new StartLifecyclePolicyPreviewCommand({ ...address, lifecyclePolicyText }), { abortSignal }));
  }

  /** Undefined when there is no preview (any more). */
  public async previewPage(address: RepositoryAddress, nextToken?: string): Promise<PreviewPage | undefined> {
    try {
      const page = await this.registry.budget.call('ecr:GetLifecyclePolicyPreview', (abortSignal) =>
        this.registry.connection.ecr.send(new GetLifecyclePolicyPreviewCommand({
          ...address, maxResults: PREVIEW_PAGE, ...(nextToken === undefined ? {} : { nextToken }),
        }), { abortSignal }));
      return {
        status: page.status ?? '',
        lifecyclePolicyText: page.lifecyclePolicyText ?? '',
        results: page.previewResults ?? [],
        ...(page.nextToken ? { nextToken: page.nextToken } : {}),
      };
    } catch (error) {
      if (isPreviewNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }
}
