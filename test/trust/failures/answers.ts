import { ClassicFailure, protect, source, testsOf } from '../model';

const entry = source('handlers/entry.ts');
const handler = source('handlers/handler.ts');
const protocol = source('handlers/protocol.ts');
const protocolTest = testsOf('handlers/protocol');
const bundleTest = testsOf('handlers/bundle');

/** The answer itself: that there is one, in time, well-formed, and delivered. */
export const ANSWERS: readonly ClassicFailure[] = [
  {
    number: 1,
    failure: 'No answer when the handler throws or cannot be loaded',
    cost: 'The stack waits an hour for each operation, then for another one to roll back.',
    protections: [
      protect('all', 'a failed import is answered by an entry that needs nothing but Node',
        entry('  try {\n    handler = load();\n  } catch (error) {', '  handler = load();\n  try {\n  } catch (error) {'),
        protocolTest('the outermost layer answers FAILED with the reason when the handler cannot be loaded')),
      {
        ...protect('all', 'in the shipped bundle, too',
          entry('  try {\n    handler = load();\n  } catch (error) {', '  handler = load();\n  try {\n  } catch (error) {'),
          bundleTest('the main part of %s %s: it answers FAILED at once')),
        isBundled: true,
      },
      protect('all', 'a throw anywhere in the work becomes an answer',
        handler('work().catch((error: unknown) => isGoesOn(error) ? error : failed(event, error, state)),', 'work(),'),
        protocolTest('an event of a type that the handler does not know fails and names those it knows')),
      protect('all', 'an event that is malformed is answered as long as it says where',
        entry('    if (wrong !== undefined) {', '    if (wrong !== undefined && !isAnswerable(event)) {'),
        protocolTest('the outermost layer answers an event with %s, since it can')),
    ],
  },
  {
    number: 2,
    failure: 'Lambda\'s deadline comes before the answer',
    cost: 'As without an answer; and what was half done stays.',
    protections: [
      protect('all', 'the answer goes out before the function ends, whatever hangs',
        handler('this.answer = new Promise((resolve) => this.timers.push(setTimeout(resolve, remainingMillis - answerReserve)));', 'this.answer = new Promise(() => undefined);'),
        protocolTest('an event that hangs where nothing can be broken off is answered when the last moment has come')),
      protect('all', 'calls under way are broken off in time to take back what was begun',
        handler('this.work = this.abortAfter(remainingMillis - answerReserve - undoReserve);', 'this.work = new AbortController().signal;'),
        protocolTest('an event whose work does not end is answered FAILED before the function\'s time is up')),
    ],
  },
  {
    number: 3,
    failure: 'Content-Length counted in characters',
    cost: 'One accent in a reason, and S3 cuts the body or waits for more: no answer.',
    protections: [
      protect('all', 'the length is that of the bytes',
        protocol('\'content-length\': body.length', '\'content-length\': body.toString(\'utf8\').length'),
        protocolTest('the delivery of an answer is a PUT without content type and with its length in bytes')),
    ],
  },
  {
    number: 4,
    failure: 'An answer of more than 4,096 bytes',
    cost: 'CloudFormation drops it, and says "Response object is too long" instead of the reason.',
    protections: [
      protect('all', 'a reason is cut until the bytes fit',
        protocol('return render(cut(reason ?? \'\', low), undefined);', 'return render(cut(reason ?? \'\', MAX_REASON_CHARACTERS), undefined);'),
        protocolTest('the body of an answer counts bytes, not characters: a thousand emoji do not fit'),
        protocolTest('the body of an answer is below 4,096 bytes whatever the reason, and the reason is cut between characters')),
      protect('all', 'a reason is cut between characters',
        protocol('  const characters = [...text];\n  return characters', '  const characters = text.split(\'\');\n  return characters'),
        protocolTest('the body of an answer counts bytes, not characters: a thousand emoji do not fit')),
      protect('all', 'attributes that do not fit are a failure with a code, not a broken success',
        protocol('  if (answer.Status === \'SUCCESS\') {\n    const text', '  if (answer.Status !== \'SUCCESS\') {\n    const text'),
        protocolTest('the body of an answer of a success that does not fit is a failure that says so')),
    ],
  },
  {
    number: 5,
    failure: 'A PUT that did not get through is taken for success',
    cost: 'The function ends well, the stack waits for an hour.',
    protections: [
      protect('all', 'only 2xx is success',
        protocol('status >= 200 && status < 300', 'status > 0'),
        protocolTest('the delivery of an answer is made again after status %s', '500'),
        protocolTest('the delivery of an answer is made again after status %s', '307'),
        protocolTest('the delivery of an answer is no success with a status other than 2xx: after 403 it is given up and the function fails')),
      protect('all', 'a connection that breaks is tried again',
        protocol('      failure = (error as NodeJS.ErrnoException).code ?? (error as Error).name;', '      throw error;'),
        protocolTest('the delivery of an answer is made again after status %s', '0')),
      protect('all', 'an answer that cannot be delivered fails the function, so that Lambda sends the event again',
        protocol('      throw new Error(`The answer could not be delivered after', '      return;\n      throw new Error(`The answer could not be delivered after'),
        protocolTest('the delivery of an answer fails when the attempts are used up')),
      protect('all', 'a server that says nothing is not waited for for ever',
        protocol('request.destroy(Object.assign(new Error(\'timeout\'), { code: \'ETIMEDOUT\' }))', 'undefined'),
        protocolTest('the delivery of an answer does not wait for ever for a server that does not answer')),
    ],
  },
];
