/** Every code of the lifecycle core; docs/errors.md has one entry for each. 001 to 019 are ECR's rules V1 to V19, 1xx are warnings. */
export const LIFECYCLE_CODES = {
  'DD-LIFECYCLE-001': 'The policy text must have 100 to 30,720 characters',
  'DD-LIFECYCLE-002': 'The policy text must be a JSON object',
  'DD-LIFECYCLE-003': 'The policy needs a list of rules',
  'DD-LIFECYCLE-004': 'A policy has 1 to 50 rules',
  'DD-LIFECYCLE-005': 'Unknown member',
  'DD-LIFECYCLE-006': 'Required member missing',
  'DD-LIFECYCLE-007': 'Member is null or of the wrong type',
  'DD-LIFECYCLE-008': 'rulePriority must be a positive whole number that no other rule has',
  'DD-LIFECYCLE-009': 'Value is not one of the allowed words',
  'DD-LIFECYCLE-010': 'Tag lists do not fit tagStatus',
  'DD-LIFECYCLE-011': 'More than four * in one pattern',
  'DD-LIFECYCLE-012': 'Unknown countType',
  'DD-LIFECYCLE-013': 'countUnit does not fit countType',
  'DD-LIFECYCLE-014': 'countNumber must be a whole number of at least 1',
  'DD-LIFECYCLE-015': 'targetStorageClass does not fit the action',
  'DD-LIFECYCLE-016': 'countType, storageClass and action do not go together',
  'DD-LIFECYCLE-017': 'More than one rule selects untagged images of a storage class',
  'DD-LIFECYCLE-018': 'A rule for any image must have the highest number of its storage class',
  'DD-LIFECYCLE-019': 'Two rules of a storage class have the same list',
  'DD-LIFECYCLE-101': 'One image can hardly match every entry of the list',
  'DD-LIFECYCLE-102': 'A rule of higher priority shields everything this rule selects',
  'DD-LIFECYCLE-103': 'Every image that this rule selects belongs to rules of higher priority',
  'DD-LIFECYCLE-104': 'The rule keeps more images than there are',
  'DD-LIFECYCLE-105': 'The rule only selects images that an index holds',
  'DD-LIFECYCLE-106': 'A * in tagPrefixList is an ordinary character',
  'DD-LIFECYCLE-107': 'An entry can match no tag',
  'DD-LIFECYCLE-108': 'The rule selects no image',
  'DD-LIFECYCLE-109': 'Two rules of a storage class share a list entry',
  'DD-LIFECYCLE-110': 'An empty list is read as no list',
  'DD-LIFECYCLE-111': 'An empty prefix selects every tagged image',
} as const;

export const INVENTORY_CODES = {
  'DD-INVENTORY-001': 'The inventory is not an object with imageDetails',
  'DD-INVENTORY-002': 'An image or one of its members has the wrong type',
  'DD-INVENTORY-003': 'A point in time cannot be read',
  'DD-INVENTORY-004': 'An image has no imagePushedAt',
  'DD-INVENTORY-005': 'An image is listed twice',
  'DD-INVENTORY-006': 'manifestChildren does not map digests to lists of digests',
  'DD-INVENTORY-007': 'Images of several repositories cannot be judged together',
  'DD-INVENTORY-008': 'An archived image has no lastArchivedAt',
  'DD-INVENTORY-009': 'A repository entry is not usable',
  'DD-INVENTORY-010': 'A digest is not sha256: and 64 hexadecimal digits',
  'DD-INVENTORY-011': 'The inventory is of a later format',
  'DD-INVENTORY-101': 'The inventory does not say which images its indexes list',
  'DD-INVENTORY-102': 'The lifecycle policy in force cannot be read',
} as const;

export const GATE_CODES = {
  'DD-GATE-001': 'The gate setting is not off or an object',
  'DD-GATE-002': 'Unknown gate setting',
  'DD-GATE-003': 'The value of a gate setting is not usable',
  'DD-GATE-101': 'More images expire than allowed',
  'DD-GATE-102': 'A larger share of the images expires than allowed',
  'DD-GATE-103': 'An image with a protected tag goes',
  'DD-GATE-104': 'A recently pushed image goes',
  'DD-GATE-105': 'A recently pulled image goes',
  'DD-GATE-106': 'A protected digest goes',
  'DD-GATE-107': 'An image in use goes',
} as const;

export const IN_USE_CODES = {
  'DD-INUSE-001': 'A list of images in use holds something that is no image reference',
  'DD-INUSE-002': 'A list of images in use is JSON without references',
  'DD-INUSE-101': 'What runs could not be found out',
} as const;

export type LifecycleCode = keyof typeof LIFECYCLE_CODES;
export type InventoryCode = keyof typeof INVENTORY_CODES;
export type GateCode = keyof typeof GATE_CODES;
export type InUseCode = keyof typeof IN_USE_CODES;
