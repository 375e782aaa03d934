// A file of its own in the bundle, too: few cleanups ask, and the clients of those services are as large as all the rest.
export { referencesInUse } from '../../ecr/in-use';
