import { Delivery } from './answers';
import { Coverage } from './coverage';

type Json = Record<string, any>;

/** Laws f and g, for the deliveries of one operation. `ids`: what was answered for a place before, whatever the operation. */
export function brokenProtocol(deliveries: readonly Delivery[], ids: Map<string, string>, coverage: Coverage): { readonly law: 'f' | 'g'; readonly what: string }[] {
  const broken: { law: 'f' | 'g'; what: string }[] = [];
  for (const { event, answers, faults, killed } of deliveries) {
    const about = `${event.RequestType} of ${event.LogicalResourceId}`;
    coverage.law('f');
    faults.forEach((fault) => broken.push({ law: 'f', what: `${about}: ${fault}` }));
    if (answers.length !== 1 && !(killed && answers.length === 0)) {
      broken.push({ law: 'f', what: `${about}: ${answers.length} answers` });
    }
    for (const answer of answers) {
      coverage.law('g');
      const wrong = wrongId(event, answer, ids);
      if (wrong !== undefined) {
        broken.push({ law: 'g', what: `${about}: ${wrong}` });
      }
    }
  }
  return broken;
}

function wrongId(event: Json, answer: Json, ids: Map<string, string>): string | undefined {
  const { RequestType: type, PhysicalResourceId: before, ResourceProperties: properties, LogicalResourceId: logicalId } = event;
  const id: unknown = answer.PhysicalResourceId;
  if (typeof id !== 'string' || id === '' || Buffer.byteLength(id) > 1024) {
    return `its id is ${JSON.stringify(id)}`;
  }
  for (const member of ['StackId', 'RequestId', 'LogicalResourceId']) {
    if (answer[member] !== event[member]) {
      return `${member} is ${answer[member]}`;
    }
  }
  if (answer.Status === 'FAILED' && (typeof answer.Reason !== 'string' || answer.Reason === '')) {
    return 'it failed without a reason';
  }
  if (type === 'Delete') {
    return id === before ? undefined : `it answers ${id} for ${before}`;
  }
  if (answer.Status === 'FAILED') {
    return undefined;
  }
  if (event.ResourceType === 'Custom::DrydockRepository' && id !== properties.RepositoryName) {
    return `the id of ${properties.RepositoryName} is ${id}`;
  }
  // What names the place of a resource decides whether an update replaces it, and nothing else: one place, one id, in whatever operation and at whatever delivery.
  const place = JSON.stringify([logicalId, properties.RepositoryName, properties.ImageTag]);
  const known = ids.get(place) ?? id;
  const holder = [...ids].find(([other, one]) => one === id && other !== place && event.ResourceType !== 'Custom::DrydockRepository');
  ids.set(place, id);
  return known !== id ? `its id was ${known} and is ${id}` : holder !== undefined ? `it has the id of ${holder[0]}` : undefined;
}
