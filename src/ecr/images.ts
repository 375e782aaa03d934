import { DescribeImagesCommand, GetLifecyclePolicyPreviewCommand, LifecyclePolicyPreviewResult, StartLifecyclePolicyPreviewCommand } from '@aws-sdk/client-ecr';
import { isImageNotFound, isInvalidParameter, isPreviewNotFound, isRepositoryNotFound } from './errors';
import { Registry, RepositoryAddress } from './registry';
import type { ImageDetail } from '../lifecycle/model';

/** The largest page that DescribeImages gives; the default is 100. */
const IMAGES_PAGE = 1000;
/** The largest page that GetLifecyclePolicyPreview gives. */
const PREVIEW_PAGE = 100;

export type PreviewResult = LifecyclePolicyPreviewResult;

export interface ImagesPage {
  readonly images: readonly ImageDetail[];
  readonly nextToken?: string;
}

export type ImageName = { readonly imageDigest: string } | { readonly imageTag: string };

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
        const page = await this.imagesPage(address, nextToken);
        for (const image of page.images) {
          images.push(image);
        }
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
    } catch (error) {
      if (isRepositoryNotFound(error)) {
        return undefined;
      }
      throw error;
    }
    return images;
  }

  /** One page of the same; a repository that does not exist is an error. */
  public async imagesPage(address: RepositoryAddress, nextToken?: string): Promise<ImagesPage> {
    const page = await this.registry.budget.call('ecr:DescribeImages', (abortSignal) => this.registry.connection.ecr.send(new DescribeImagesCommand({
      ...address, filter: { imageStatus: 'ANY' }, maxResults: IMAGES_PAGE, ...(nextToken === undefined ? {} : { nextToken }),
    }), { abortSignal }));
    return { images: (page.imageDetails ?? []) as ImageDetail[], ...(page.nextToken ? { nextToken: page.nextToken } : {}) };
  }

  /** One image, archived or not; undefined when there is none. A repository that does not exist is an error. */
  public async describeImage(address: RepositoryAddress, imageId: ImageName): Promise<ImageDetail | undefined> {
    try {
      return (await this.describeThese(address, [imageId]))[0];
    } catch (error) {
      if (isImageNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /** Up to a hundred images, archived or not; one that is missing fails the call. */
  public async describeThese(address: RepositoryAddress, imageIds: readonly ImageName[]): Promise<ImageDetail[]> {
    const describe = async (filter: { filter?: { imageStatus: 'ANY' } }) => {
      const { imageDetails } = await this.registry.budget.call('ecr:DescribeImages', (abortSignal) => this.registry.connection.ecr.send(new DescribeImagesCommand({
        ...address, imageIds: [...imageIds], ...filter,
      }), { abortSignal }));
      return (imageDetails ?? []) as ImageDetail[];
    };
    try {
      return await describe({ filter: { imageStatus: 'ANY' } });
    } catch (error) {
      // Whether a filter is taken together with ids is not documented. Without it an archived image is one that is not there.
      if (!isInvalidParameter(error)) {
        throw error;
      }
      return describe({});
    }
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
