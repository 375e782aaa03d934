import { EntriesOf } from './entry';
import type { CopyCode } from '../../src/images/codes';

export const COPY_ENTRIES: EntriesOf<CopyCode> = {
  'DD-COPY-001': {
    when: 'A source, a destination or a tag does not have the form of one: capital letters in a name, a scheme in front, a digest where a tag belongs.',
    fix: 'Write `REGISTRY/REPOSITORY:TAG`, `ecr:REPOSITORY:TAG`, `oci:DIRECTORY:TAG` or `docker-archive:FILE`; a destination is the name or the URI of a repository of ECR.',
  },
  'DD-COPY-002': {
    when: 'What should be a digest is none, or is one of another algorithm. ECR verifies sha256 only.',
    fix: 'Write `sha256:` and 64 hexadecimal digits in lower case.',
  },
  'DD-COPY-003': {
    when: 'A platform is not written as `os/architecture` or `os/architecture/variant`.',
    fix: 'Write for example `linux/arm64` or `linux/arm/v7`.',
  },
  'DD-COPY-004': {
    when: 'A manifest is not JSON, lacks what the specification demands, is above 4 MiB, or says one thing of itself and came as another. What could be read in two ways is not copied.',
    fix: 'Push the image again with a current tool. If only one registry gives it so, that registry or a proxy before it is at fault.',
  },
  'DD-COPY-005': {
    when: 'ECR does not store manifests of this kind: schema 1, or an index that lists layers, as build caches are by default.',
    fix: 'Push the image again; for a build cache use the exporter\'s option `image-manifest=true`.',
  },
  'DD-COPY-006': {
    when: 'A platform was asked for that the image is not for. Nothing was copied.',
    fix: 'Take one of those that the message lists, or copy all.',
  },
  'DD-COPY-007': {
    when: 'Indexes list indexes, or referrers have referrers, without end in sight, or there are thousands of manifests.',
    fix: 'Name platforms, or copy without referrers.',
  },
  'DD-COPY-020': {
    when: 'The source has no image of this name, tag or digest, or lacks a layer or a manifest that the image names.',
    fix: 'Check registry, account, region, name and tag. An image that is incomplete must be pushed again.',
  },
  'DD-COPY-021': {
    when: 'The source wants other credentials, or none were given. Many registries answer so for what does not exist. On ECR the message names the denied action.',
    fix: 'Log in (`docker login`), give `RegistryCredentials`, or allow `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer` on the source repository, in its policy too if it belongs to another account.',
  },
  'DD-COPY-022': {
    when: 'The source answers HTTP 429 and does not stop to. Docker Hub counts pulls by account, or by address without a login, over six hours; addresses of AWS are shared by many.',
    fix: 'Log in, copy from a mirror (`public.ecr.aws/docker/library/...`) or through an ECR pull-through cache, or come back when the message says.',
  },
  'DD-COPY-023': {
    when: 'The source cannot be reached, breaks connections, or keeps answering with server errors, for two minutes and more.',
    fix: 'Check the name, and the way there: in a VPC a NAT gateway or an endpoint. Then copy again: what has arrived is not sent twice.',
  },
  'DD-COPY-024': {
    when: 'Bytes do not have the digest by which they were asked for, or are more than the manifest says. Nothing was tagged.',
    fix: 'Copy again. If it stays so, the source, or a proxy before it, is broken or worse.',
  },
  'DD-COPY-025': {
    when: 'A registry redirects to an address of this machine or of its credentials (169.254.169.254, loopback), or to a place without TLS. That is not followed.',
    fix: 'Find out who answers in place of the registry. For a registry on this machine, name it by `localhost` or 127.0.0.1.',
  },
  'DD-COPY-026': {
    when: 'An answer is not one of the OCI distribution protocol: most often a proxy or a login page in place of a registry.',
    fix: 'Check the name of the registry; open `https://REGISTRY/v2/` in a browser.',
  },
  'DD-COPY-027': {
    when: 'A file or directory is no image layout or archive, is damaged or cut short.',
    fix: 'Write it again, with `docker save` or `skopeo copy ... oci:DIRECTORY`.',
  },
  'DD-COPY-028': {
    when: 'A layout or an archive holds several images and none was named, or the one that was named is not in it.',
    fix: 'Name one of those that the message lists.',
  },
  'DD-COPY-029': {
    when: 'The archive is compressed as a whole. Layers are read from anywhere in it, from S3 too, so it must not be.',
    fix: 'Unpack it: `gunzip FILE.tar.gz`.',
  },
  'DD-COPY-030': {
    when: 'ECR keeps its layers in S3, and there is no way to S3: in a VPC without a NAT gateway, interface endpoints for ECR alone are not enough.',
    fix: 'Add a gateway endpoint for S3; its policy must allow `s3:GetObject` on `arn:aws:s3:::prod-REGION-starport-layer-bucket/*`.',
  },
  'DD-COPY-031': {
    when: 'The image was archived at the source, by a lifecycle policy or by hand, and cannot be read until it is restored.',
    fix: 'Restore it (`aws ecr update-image-storage-class --target-storage-class STANDARD`), wait until it is ACTIVE, and copy again.',
  },
  'DD-COPY-032': {
    when: 'A registry wants user name and password, or an identity token, sent to a token service on a host of another domain than its own. They were not sent.',
    fix: 'If that host belongs to the registry, say so (`drydock copy --source-trusted-host HOST`, `trustedHosts` of `ImageSource.fromRegistry`). Otherwise find out who answers in place of the registry.',
  },
  'DD-COPY-040': {
    when: 'The repository to copy to does not exist in this account and region.',
    fix: 'Create it first; in a stack, let the copy depend on it.',
  },
  'DD-COPY-041': {
    when: 'The caller may not do something on the destination, or has no AWS credentials. The message names the action.',
    fix: 'Allow it by IAM and, for a repository of another account, by its policy. A copy needs `ecr:DescribeImages`, `ecr:BatchCheckLayerAvailability`, `ecr:InitiateLayerUpload`, `ecr:UploadLayerPart`, `ecr:CompleteLayerUpload` and `ecr:PutImage`.',
  },
  'DD-COPY-042': {
    when: 'The repository is immutable and the tag belongs to an image with another digest. The layers have arrived, the tag was not moved.',
    fix: 'Choose another tag, delete the old one, or except the tag from immutability.',
  },
  'DD-COPY-043': {
    when: 'A layer is above 52,000 MiB, or has no bytes. Nothing was copied.',
    fix: 'Spread the files over several layers.',
  },
  'DD-COPY-044': {
    when: 'A quota of ECR is reached: images in the repository, or tags on the image.',
    fix: 'Delete what is not needed, or ask for a higher quota.',
  },
  'DD-COPY-045': {
    when: 'PutImage refuses a manifest, or something that it names was removed between its copy and this.',
    fix: 'Copy again. If it stays so, the message of ECR says what it does not take.',
  },
  'DD-COPY-046': {
    when: 'ECR computed another digest of a layer than it was to have. Nothing was tagged.',
    fix: 'Copy again. If it stays so, the source serves wrong bytes.',
  },
  'DD-COPY-047': {
    when: 'The repository is encrypted with a KMS key that is disabled, deleted or not allowed.',
    fix: 'Enable the key, and let the caller and ECR use it.',
  },
  'DD-COPY-048': {
    when: 'A call to ECR fails in another way, or goes on failing after two minutes of attempts.',
    fix: 'Read the message of ECR, and copy again: what has arrived is not sent twice.',
  },
  'DD-COPY-049': {
    when: 'The copy was interrupted, or the time for it is over. No tag was put.',
    fix: 'Copy again: layers that are complete are not sent twice. In a stack, let the copy continue asynchronously.',
  },
  'DD-COPY-060': {
    when: '`~/.docker/config.json`, or the credential helper that it names, gives nothing that can be read.',
    fix: 'Log in anew, or set `DOCKER_CONFIG` to a directory with another config.json.',
  },
};
