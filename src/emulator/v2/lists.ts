import type { V2Handler } from './door';
import { V2Error } from './errors';
import { INDEX_TYPES } from '../manifest';
import { repositoryOf } from '../operations/context';
import { describeReferrer } from '../operations/images';
import { pageOf } from '../pagination';
import { Reply, Request } from '../server';

/** ECR does not say how long its pages are; those of its API have at most so many entries. */
const PAGE = 1000;

export const listTags: V2Handler = ({ call, request, context }) => {
  const repository = repositoryOf(context, call);
  const tags = [...repository.images.values()].filter(({ imageStatus }) => imageStatus === 'ACTIVE').flatMap(({ imageTags }) => imageTags).sort();
  return listing(request, tags, (page) => ({ name: call.repositoryName, tags: page }));
};

export const listCatalog: V2Handler = ({ request, context }) =>
  listing(request, context.registry.repositories().map(({ record }) => record.repositoryName), (repositories) => ({ repositories }));

function listing(request: Request, sorted: readonly string[], body: (page: readonly string[]) => object): Reply {
  const { query, path } = request;
  const wanted = query.get('n');
  if (wanted !== null && !/^[0-9]+$/.test(wanted)) {
    throw new V2Error('PAGINATION_NUMBER_INVALID', 400, `n must be a number, not ${wanted}`);
  }
  const limit = Math.min(PAGE, wanted === null ? PAGE : Number(wanted));
  const { items, last } = limit === 0 ? { items: [] } : pageOf(sorted, query.get('last') ?? undefined, limit, (key) => key);
  return {
    statusCode: 200,
    headers: {
      'content-type': 'application/json',
      ...(last !== undefined && { link: `<${path}?${new URLSearchParams({ n: String(limit), last }).toString()}>; rel="next"` }),
    },
    body: JSON.stringify(body(items)),
  };
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers : a subject that is unknown has none. */
export const listReferrers: V2Handler = ({ call, request, context }) => {
  const repository = repositoryOf(context, call);
  const artifactType = request.query.get('artifactType');
  const manifests = repository.referrersOf(call.digest!)
    .map((digest) => repository.images.get(digest)!)
    .filter((image) => image.imageStatus === 'ACTIVE' && (artifactType === null || image.artifactMediaType === artifactType))
    .map((image) => {
      const { digest, mediaType, size, annotations, ...described } = describeReferrer(repository, image);
      return { mediaType, digest, size, artifactType: described.artifactType, annotations };
    });
  return {
    statusCode: 200,
    headers: { 'content-type': INDEX_TYPES.oci, ...(artifactType !== null && { 'oci-filters-applied': 'artifactType' }) },
    body: JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPES.oci, manifests }),
  };
};
