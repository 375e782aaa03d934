import { guarded } from '../entry';

// Required late, so that a failure to load it is answered, too.
// eslint-disable-next-line @typescript-eslint/no-require-imports
export const handler = guarded(() => (require('./dispatch') as typeof import('./dispatch')).createHandler(), undefined, (event) => 'DrydockLogin' in event);
