import { EntriesOf } from './entry';
import type { RULE_CODES } from '../../src/construct-codes';
import type { GateCode, InventoryCode, LifecycleCode } from '../../src/lifecycle/codes';

export const LIFECYCLE_ENTRIES: EntriesOf<LifecycleCode> = {
  'DD-LIFECYCLE-001': {
    when: 'The text is shorter than 100 or longer than 30,720 characters. ECR refuses it before it reads it.',
    fix: 'A complete rule is longer than 100 characters: see whether the document is cut off. If it is too long, shorten descriptions and lists, and write it without white space.',
  },
  'DD-LIFECYCLE-002': {
    when: 'The text is not JSON, or not an object. A list of rules alone is no policy.',
    fix: 'Give `{"rules": [...]}`.',
  },
  'DD-LIFECYCLE-003': {
    when: '`rules` is missing or is not a list.',
    fix: 'Write the rules in square brackets, also where there is only one.',
  },
  'DD-LIFECYCLE-004': {
    when: 'There is no rule, or there are more than 50.',
    fix: 'To have no rules, delete the lifecycle policy. To have fewer, join rules that differ only in their tags.',
  },
  'DD-LIFECYCLE-005': {
    when: 'A member is not one that ECR knows. Most often it is misspelled (`tagprefixList`), or stands one level too high or too low.',
    fix: 'Take the name that the message suggests, or remove the member.',
  },
  'DD-LIFECYCLE-006': {
    when: 'A rule, a selection or an action lacks a member that it must have.',
    fix: 'Add it: a rule has `rulePriority`, `selection` and `action`; a selection `tagStatus`, `countType` and `countNumber`; an action `type`.',
  },
  'DD-LIFECYCLE-007': {
    when: 'A member has another JSON type than ECR wants, for example a number in quotation marks.',
    fix: 'Write numbers without quotation marks, and leave members out instead of setting them to null.',
  },
  'DD-LIFECYCLE-008': {
    when: '`rulePriority` is not a whole number from 1 on, or two rules have the same.',
    fix: 'Give every rule its own number; the message names one that is free. The constructs number rules in reading order when you leave the numbers out.',
  },
  'DD-LIFECYCLE-009': {
    when: 'A member has a word that is not one of the few allowed, in that spelling.',
    fix: 'Take one of the words in the message.',
  },
  'DD-LIFECYCLE-010': {
    when: 'A `tagged` rule has no list of tags or two, or a rule with `untagged` or `any` has one.',
    fix: 'For every tagged image write `"tagPatternList": ["*"]`. To use patterns and prefixes together, turn each prefix `x` into the pattern `x*`.',
  },
  'DD-LIFECYCLE-011': {
    when: 'A pattern has more than four `*`.',
    fix: 'Write it with fewer: one `*` stands for any run of characters.',
  },
  'DD-LIFECYCLE-012': {
    when: 'ECR knows four count types: `imageCountMoreThan`, `sinceImagePushed`, `sinceImagePulled` and `sinceImageTransitioned`.',
    fix: 'Take the one that the message suggests.',
  },
  'DD-LIFECYCLE-013': {
    when: 'A rule that counts days has no `countUnit`, or one that counts images has it.',
    fix: 'Add `"countUnit": "days"` to the `since...` types and remove it from `imageCountMoreThan`.',
  },
  'DD-LIFECYCLE-014': {
    when: '`countNumber` is 0, negative or not whole.',
    fix: 'Write 1 or more. A rule that would keep nothing cannot be written.',
  },
  'DD-LIFECYCLE-015': {
    when: 'An action `transition` does not say where to, or an action `expire` does.',
    fix: '`{"type": "transition", "targetStorageClass": "archive"}` archives, `{"type": "expire"}` deletes.',
  },
  'DD-LIFECYCLE-016': {
    when: 'ECR allows few combinations: `sinceImagePulled` only archives; `sinceImageTransitioned` only expires, only in the storage class `archive`, and after 90 days at the earliest; the others act on the class `standard`.',
    fix: 'Change the member that the message names.',
  },
  'DD-LIFECYCLE-017': {
    when: 'ECR allows one `untagged` rule in a storage class.',
    fix: 'Keep the stricter one.',
  },
  'DD-LIFECYCLE-018': {
    when: 'A rule for `any` image takes everything that is left, so it has to be the last of its storage class.',
    fix: 'Give it the highest number, and keep only one such rule.',
  },
  'DD-LIFECYCLE-019': {
    when: 'Two rules of a storage class have the same tags. The one with the lower number would shield everything from the other.',
    fix: 'Join the rules, or make the lists differ.',
  },
  'DD-LIFECYCLE-101': {
    when: 'ECR reads a list of tags as AND: an image has to match every entry, by one tag or by several. `["prod*", "staging*"]` selects only what carries both.',
    fix: 'If any of them should do, write one rule for each entry.',
  },
  'DD-LIFECYCLE-102': {
    when: 'Rules act in the order of their numbers, and an image belongs to the first rule that selects it, whether that rule removes it or keeps it. Everything that this rule selects belongs to others.',
    fix: 'Give the rule a lower number, make the other narrower, or remove this one.',
  },
  'DD-LIFECYCLE-103': {
    when: 'As DD-LIFECYCLE-102, but seen from the images that are there today, not provable from the rules alone.',
    fix: 'See whether the rule is meant for images yet to come; otherwise move it or remove it.',
  },
  'DD-LIFECYCLE-104': {
    when: 'The rule keeps so many images that today it removes none.',
    fix: 'Nothing, if that is what you want.',
  },
  'DD-LIFECYCLE-105': {
    when: 'The untagged images are the platform images of indexes (multi-architecture images). ECR does not remove them while the index is there.',
    fix: 'Write a rule that removes the indexes; their children then go by this one, in a later run.',
  },
  'DD-LIFECYCLE-106': {
    when: '`tagPrefixList` knows no wildcards, so `release-*` selects tags with a real `*`, and no tag has one.',
    fix: 'Leave the `*` out, or use `tagPatternList`.',
  },
  'DD-LIFECYCLE-107': {
    when: 'Tags have letters, digits, `_`, `.` and `-`, up to 128 of them, and begin with a letter, a digit or `_`. The entry can match no such tag.',
    fix: 'Write it as the tags are written: without the repository name, without a colon.',
  },
  'DD-LIFECYCLE-108': {
    when: 'None of the images that are there today matches the rule.',
    fix: 'Compare the entries with the tags that the repository has. Tags are case-sensitive.',
  },
  'DD-LIFECYCLE-109': {
    when: 'An entry stands in the lists of two rules of a storage class. AWS asks for unique prefixes, and does not say whether that means whole lists or single entries.',
    fix: 'Join the rules, or say the same by a different entry.',
  },
  'DD-LIFECYCLE-110': {
    when: 'An empty list is read here as no list at all; what ECR does with it is not documented.',
    fix: 'Remove the member.',
  },
  'DD-LIFECYCLE-111': {
    when: 'Every tag begins with the empty text.',
    fix: 'If every tagged image is meant, write `"tagPatternList": ["*"]`.',
  },
};

export const RULE_ENTRIES: EntriesOf<keyof typeof RULE_CODES> = {
  'DD-LIFECYCLE-201': {
    when: 'A `LifecycleRule` says when it acts by exactly one of `maxImageCount`, `maxImageAge`, `maxTimeSinceLastPull`, `maxTimeInArchive` and `protect`.',
    fix: 'Give one. For two limits write two rules.',
  },
  'DD-LIFECYCLE-202': {
    when: 'ECR counts whole days, from 1 on.',
    fix: 'Write `Duration.days(...)` with a whole number.',
  },
  'DD-LIFECYCLE-203': {
    when: 'By the end of synth the `LifecyclePolicy` has no rules.',
    fix: 'Give it some by `rules` or `addRule`, or leave the construct out.',
  },
  'DD-LIFECYCLE-204': {
    when: 'A rule with `protect` keeps its images from every rule, itself included, so an `action` beside it says nothing.',
    fix: 'Leave `action` out, or `protect`.',
  },
};

export const INVENTORY_ENTRIES: EntriesOf<InventoryCode> = {
  'DD-INVENTORY-001': {
    when: 'The file is JSON, and not what `aws ecr describe-images` prints.',
    fix: 'Give `{"imageDetails": [...]}`; `manifestChildren` and `repositories` may stand beside it.',
  },
  'DD-INVENTORY-002': {
    when: 'An image has no digest, or a member of it has another type than DescribeImages gives it.',
    fix: 'Take the entry as DescribeImages gives it. An untagged image has no `imageTags`.',
  },
  'DD-INVENTORY-003': {
    when: 'A time is neither ISO 8601 with a zone nor a number of seconds since 1970.',
    fix: 'Write for example `2026-01-31T12:00:00Z`. Without a zone a time means something else on every machine.',
  },
  'DD-INVENTORY-004': {
    when: 'Every rule needs the push time: by age, and for the order of images.',
    fix: 'Add `imagePushedAt`.',
  },
  'DD-INVENTORY-005': {
    when: 'Two entries have the same digest in the same repository. Often a page was taken twice, or there is one entry for each tag.',
    fix: 'List every image once, with all of its tags.',
  },
  'DD-INVENTORY-006': {
    when: '`manifestChildren` says which images an index lists, so that children are not taken for removable.',
    fix: 'Write `{"sha256:<index>": ["sha256:<child>", ...]}`.',
  },
  'DD-INVENTORY-007': {
    when: 'A lifecycle policy belongs to one repository, and the images given name several.',
    fix: 'Choose one with `--repository`, or by `imagesOf(inventory, name)`.',
  },
  'DD-INVENTORY-008': {
    when: 'A rule for the storage class `archive` counts from the time of archiving, and an archived image lacks it.',
    fix: 'Add `lastArchivedAt`.',
  },
  'DD-INVENTORY-009': {
    when: '`repositories` is not a list, an entry has no `repositoryName`, is there twice, or a member of it has another type than ECR gives it.',
    fix: 'Write `"repositories": [{"repositoryName": "..."}]`, or leave it out; schemas/inventory.schema.json says what may stand in it.',
  },
  'DD-INVENTORY-010': {
    when: 'ECR names every image by the SHA-256 of its manifest. Something else stands where such a digest must be: a tag, a shortened digest.',
    fix: 'Write `sha256:` and 64 hexadecimal digits in lower case.',
  },
  'DD-INVENTORY-011': {
    when: 'The file was written by a later release.',
    fix: 'Read it with that release, or take the snapshot again with this one.',
  },
  'DD-INVENTORY-101': {
    when: 'A warning: DescribeImages does not tell what an index lists, so an inventory made of nothing else shows the parts of indexes as if nothing held them.',
    fix: 'Add `"manifestChildren": {"sha256:...": ["sha256:...", ...]}` for the indexes that the message counts.',
  },
  'DD-INVENTORY-102': {
    when: 'A warning: the `lifecyclePolicyText` of the inventory is no policy by the rules that we know, so there is nothing to compare the new one with.',
    fix: 'See what `drydock validate --policy` says to it; give the policy in force with `--against`.',
  },
};

export const GATE_ENTRIES: EntriesOf<GateCode> = {
  'DD-GATE-001': {
    when: 'The property `PreviewGate` of a resource is neither `off` nor an object. The constructs do not write that.',
    fix: 'Use `PreviewGate.of({...})`, `PreviewGate.standard()` or `PreviewGate.off()`.',
  },
  'DD-GATE-002': {
    when: 'The gate has no such setting: misspelled, or of a later release than the handler.',
    fix: 'Take one of the names in the message.',
  },
  'DD-GATE-003': {
    when: 'A setting has a value that makes no sense, such as 150 percent or a digest that is none.',
    fix: 'See the message for what the setting takes.',
  },
  'DD-GATE-101': {
    when: 'The deployment was stopped, nothing was changed: more images would newly expire than `maxExpiringImages` allows.',
    fix: 'Change the rule as the message says, raise the limit, or acknowledge this policy by its hash (`acknowledgedPolicies`). The hash covers this very policy and no later edit.',
  },
  'DD-GATE-102': {
    when: 'The deployment was stopped, nothing was changed: a larger share of the repository would newly expire than `maxExpiringPercent` allows. Default: 50.',
    fix: 'As for DD-GATE-101.',
  },
  'DD-GATE-103': {
    when: 'The deployment was stopped, nothing was changed: an image that would newly expire or be archived has a tag like `latest`, `stable*`, `prod*`, `live*` or `release*` (`protectedTagPatterns`).',
    fix: 'Put a rule with `protect: true` for these tags before the one that takes them; otherwise as for DD-GATE-101.',
  },
  'DD-GATE-104': {
    when: 'The deployment was stopped, nothing was changed: an image that would newly expire or be archived was pushed within `protectPushedWithin`.',
    fix: 'As for DD-GATE-101.',
  },
  'DD-GATE-105': {
    when: 'The deployment was stopped, nothing was changed: an image that would newly expire or be archived was pulled within `protectPulledWithin`. Default: 30 days. Somebody uses it.',
    fix: 'Find out who pulls it before you acknowledge; otherwise as for DD-GATE-101.',
  },
  'DD-GATE-106': {
    when: 'The deployment was stopped, nothing was changed: an image in `protectedDigests` would newly expire or be archived.',
    fix: 'As for DD-GATE-101.',
  },
  'DD-GATE-107': {
    when: 'The deployment was stopped, nothing was changed: an image would expire or be archived that ECS or Lambda, or whatever was given to `--in-use`, runs now.',
    fix: 'Keep the image (the message names the rule), or deploy what runs from another image first. To accept the effect all the same, add the hash of the message to `acknowledgedPolicies`.',
  },
};
