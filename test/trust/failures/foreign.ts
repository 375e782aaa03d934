import { ClassicFailure, protect, source, testsOf } from '../model';

const handler = source('handlers/handler.ts');
const repository = source('handlers/repository.ts');
const copy = source('handlers/images/image-copy.ts');
const every = testsOf('handlers/every-resource');
const repositoryTest = testsOf('handlers/repository');
const policyTest = testsOf('handlers/repository-policy');
const lifecycleTest = testsOf('handlers/lifecycle-policy');
const copyTest = testsOf('handlers/images/image-copy');
const tagTest = testsOf('handlers/images/image-tag');

/** What belongs to others, and what comes after us: reasons, ids, replacements and rollbacks. */
export const FOREIGN: readonly ClassicFailure[] = [
  {
    number: 6,
    failure: 'A failed create hides its reason',
    cost: 'The rollback fails with another error on top, and nobody learns of the first one.',
    protections: [
      protect('all', 'an error of AWS keeps its words, and gets a code and the name of the call',
        source('handlers/reason.ts')('`${shortly(error)}${fix}`', '\'The operation failed.\''),
        every('%s: a Create that failed says why, with a code and in AWS\'s words, and its rollback neither fails nor says anything else')),
      protect('all', 'the first reason is kept when what was begun cannot be taken back either',
        handler('    } catch (undoError) {\n', '    } catch (undoError) {\n      throw undoError;\n'),
        policyTest('Create that fails, and cannot take its statements out again, says what failed first')),
    ],
  },
  {
    number: 7,
    failure: 'The delete after a failed create touches what was there before',
    cost: 'A deployment that only failed takes somebody else\'s repository, policy, tag or image away.',
    protections: [
      protect('all', 'what was never made has an id that says so, and its Delete calls nobody',
        handler('  if (event.RequestType === \'Delete\' && isFailedCreateId(event.PhysicalResourceId ?? \'\')) {', '  if (event.RequestType === \'Delete\' && event.PhysicalResourceId === undefined) {'),
        ...['repository', 'adopted repository', 'repository policy', 'lifecycle policy', 'image copy', 'image tag'].map((name) =>
          every('%s: the Delete of a failed Create calls nobody, whatever has its name', name))),
      protect('repository', 'only a repository whose tag names this very resource is deleted',
        repository('if (owner === undefined || owner.claim !== run.identity.claim) {\n        log.warn', 'if (owner === undefined) {\n        log.warn'),
        repositoryTest('a Delete never touches a repository that has no owner or another one')),
      protect('lifecycle policy', 'what is in force and is not what this resource put stays',
        source('handlers/lifecycle-in-force.ts')('    if (!saysSame(now, put)) {', '    if (now === undefined) {'),
        lifecycleTest('Delete leaves what somebody else has put in its place')),
      // Three layers: the Create stops at the Sid, its id says that nothing was made, and a Delete of a rollback looks at what stands there.
      protect('repository policy', 'a creation stops at a Sid that somebody else has',
        source('access/merge.ts')('    if (!mine.has(sid)) {\n', '    if (!mine.has(sid) && found.length === 0) {\n'),
        policyTest('Create does not touch a statement of somebody else with the same Sid; the rollback does not either')),
      protect('repository policy', 'a rollback leaves what says something else under a Sid of ours',
        source('handlers/statements.ts')('} else if (!isUndo && await run.direction() === \'forward\') {', '} else if (!isUndo) {'),
        policyTest('Update that failed because a Sid was taken rolls back without touching the statement that has it'),
        policyTest('Delete takes access away also where somebody has changed our statement, unless the stack may be rolling back')),
      protect('image copy', 'only images that were put are noted as put',
        copy('await fresh.add(copied.put.manifests);', 'await fresh.add([copied.digest, ...copied.put.manifests]);'),
        copyTest('a delete leaves an image that had the tags of the copy before, %s', 'DELETE_IN_PROGRESS')),
      // Whoever takes a tag back or away looks twice.
      protect('image tag', 'a tag that stands for another image by now is left alone',
        [
          source('handlers/images/image-tag.ts')('if (current?.imageDigest !== record.put) {', 'if (current === undefined) {'),
          source('handlers/images/retag.ts')('if (image.imageDigest !== imageDigest) {', 'if (image.imageDigest === \'\') {'),
        ],
        tagTest('a rollback leaves a tag that somebody else has moved meanwhile'),
        tagTest('at the end of the resource DESTROY leaves a tag that somebody else has moved')),
    ],
  },
  {
    number: 8,
    failure: 'The physical id drifts',
    cost: 'CloudFormation takes an update for a replacement, and deletes what it has just updated.',
    protections: [
      protect('all policies', 'the id comes from repository and logical id alone',
        source('handlers/ownership.ts')(':${repositoryName}:${logicalId}`;', ':${repositoryName}:${logicalId}:${Math.random()}`;'),
        ...['repository policy', 'lifecycle policy', 'image copy', 'image tag', 'image cleanup'].map((name) =>
          every('%s: the id comes from the properties, and stays through an Update, a rollback and an Update that changes nothing', name)),
        lifecycleTest('the physical id depends on the repository alone: it stays over updates, and the own account is no other place')),
      protect('repository', 'the id is the name',
        repository('physicalId: (_run, { address }) => address.repositoryName,', 'physicalId: (run, { address }) => `${address.repositoryName}:${run.event.RequestId}`,'),
        repositoryTest('an update converges settings and tags, keeps the id, and keeps the tags of others')),
      protect('image digest', 'the id changes with the digest, and with nothing else',
        source('handlers/images/digest-memory.ts')('    return old;\n', ''),
        testsOf('handlers/images/image-digest')('over time the tag has moved: the digest and the id are others; it has not: they are the same')),
      protect('all', 'the repository is found by ids of every form, where the properties do not name it',
        source('handlers/ownership.ts')('return repositoryName === undefined ? undefined :', 'return repositoryName !== undefined ? undefined :'),
        testsOf('handlers/ownership')('a physical id is derived from where and what, and tells the repository when the properties do not')),
    ],
  },
  {
    number: 9,
    failure: 'The delete of what was replaced removes what replaced it',
    cost: 'An update that succeeded ends without the repository, the policy or the image.',
    protections: [
      protect('lifecycle policy', 'a policy that another construct has taken over is left to it',
        source('handlers/lifecycle-removal.ts')('if (mark !== undefined && mark.claim !== run.identity.claim) {', 'if (mark === undefined && false) {'),
        lifecycleTest('Delete of a construct under its former name leaves the policy to its successor')),
      protect('image tag', 'a tag that another construct has as well is left to it',
        source('handlers/images/image-tag.ts')('  if (await records.isSharedBy(put)) {', '  if (put === \'\') {'),
        tagTest('at the end of the resource DESTROY of a construct under its former name leaves the tag to its successor')),
      protect('image copy', 'an image whose tag another construct has as well is left to it',
        copy('!shared.has(tag) && ', ''),
        copyTest('another resource with the same tags such as the construct under its new name, keeps image and tag when the former one goes')),
      protect('image copy', 'so is the tag that an update no longer names',
        copy('if (await records.isSharedBy(record.put)) {', 'if (record.put === \'\') {'),
        copyTest('another resource with the same tags keeps the tag that an update of this one no longer names')),
    ],
  },
  {
    number: 10,
    failure: 'A rollback is not the inverse of the update',
    cost: 'UPDATE_ROLLBACK_COMPLETE, and yet access, policies or tags are not what they were.',
    protections: [
      protect('repository', 'a tag of somebody else that was overwritten is noted and given back',
        repository('    await restoreTags(run, repositoryArn, tags, added, unsettled.tags);\n', ''),
        repositoryTest('an update that overwrites the tag of somebody else gives it back when it is rolled back, and only then')),
      protect('adopted repository', 'settings and tags of before come back',
        repository('await restore(run, made, before ?? { tags: { [OWNER_TAG]: null } });', 'await restore(run, made, { tags: { [OWNER_TAG]: null } });'),
        every('%s: a Create that is rolled back leaves what was there before', 'adopted repository')),
      protect('repository policy', 'what an update added goes again',
        source('handlers/statements.ts')('...await removable(run, change, current)]', ']'),
        every('%s: an Update that is rolled back leaves what was there before, and what others have done meanwhile', 'repository policy')),
      protect('lifecycle policy', 'a foreign policy that was replaced is noted and put back',
        source('handlers/lifecycle-removal.ts')('await restorePolicy(run, address, ours, mark?.before?.text);', 'await restorePolicy(run, address, ours, undefined);'),
        every('%s: a Create that is rolled back leaves what was there before', 'lifecycle policy')),
      protect('preview gate', 'a rollback is not stopped',
        source('handlers/gate-check.ts')('run.event.RequestType === \'Update\' && await run.direction() === \'rolling-back\'', 'run.event.RequestType === \'Create\' && await run.direction() === \'rolling-back\''),
        testsOf('handlers/preview-gate')('a rollback is never stopped')),
      protect('image copy', 'tags go back to the images that they stood for, whatever the source is by now',
        copy('isRollback && begun === undefined ? await goBack(run, wanted) : undefined', 'isRollback && begun !== undefined ? await goBack(run, wanted) : undefined'),
        copyTest('a rollback of an update gives the tags back to the image before, though the source has moved on; attributes are those of before')),
      protect('image tag', 'the tag goes back to the bytes that it stood for',
        source('handlers/images/image-tag.ts')('  await takeBack(run, wanted, found);\n', ''),
        tagTest('a rollback of an update gives back the bytes of before, although the source tag has moved')),
      protect('image cleanup', 'a stack that rolls back deletes nothing',
        source('handlers/images/image-cleanup.ts')('if (direction === \'rolling-back\') {', 'if (direction === \'unknown\') {'),
        testsOf('handlers/images/image-cleanup')('over time a stack that rolls back deletes nothing, whatever the limits say (%s)')),
    ],
  },
];
