import { Incoming } from '../content/uploads';

/** A compact description of what an operation takes, from which both the checks and the TypeScript types follow. */

export interface StringShape {
  readonly type: 'string';
  readonly min?: number;
  readonly max?: number;
  /** The whole text must match; shown in the error as written here. */
  readonly pattern?: string;
}
export interface EnumShape<V extends string = string> {
  readonly type: 'enum';
  readonly values: readonly V[];
}
export interface IntegerShape {
  readonly type: 'integer';
  readonly min?: number;
  readonly max?: number;
}
export interface BooleanShape {
  readonly type: 'boolean';
}
/** Bytes in base64 that are read as they come: what is checked are not the bytes but their number. */
export interface BlobShape {
  readonly type: 'blob';
  readonly max: number;
}
export interface ListShape<S> {
  readonly type: 'list';
  readonly of: S;
  readonly min?: number;
  readonly max?: number;
}
export interface StructureShape<M> {
  readonly type: 'structure';
  readonly members: M;
}
export interface Required<S> {
  readonly required: true;
  readonly shape: S;
}

export type Shape =
  | StringShape
  | EnumShape
  | IntegerShape
  | BooleanShape
  | BlobShape
  | { readonly type: 'list'; readonly of: Shape; readonly min?: number; readonly max?: number }
  | { readonly type: 'structure'; readonly members: Members };
export interface Members {
  readonly [name: string]: Shape | Required<Shape>;
}

export const text = (limits: Omit<StringShape, 'type'> = {}): StringShape => ({ type: 'string', ...limits });
export const oneOf = <const V extends string>(...values: readonly V[]): EnumShape<V> => ({ type: 'enum', values });
export const integer = (limits: Omit<IntegerShape, 'type'> = {}): IntegerShape => ({ type: 'integer', ...limits });
export const blob = (max: number): BlobShape => ({ type: 'blob', max });
export const flag: BooleanShape = { type: 'boolean' };
export const list = <S extends Shape>(of: S, limits: { readonly min?: number; readonly max?: number } = {}): ListShape<S> =>
  ({ type: 'list', of, ...limits });
export const structure = <M extends Members>(members: M): StructureShape<M> => ({ type: 'structure', members });
export const required = <S extends Shape>(shape: S): Required<S> => ({ required: true, shape });

export function isRequired(member: Shape | Required<Shape>): member is Required<Shape> {
  return 'required' in member;
}

/** The TypeScript type of a value that has passed the checks of a shape. */
export type ValueOf<S> =
  S extends EnumShape<infer V> ? V
    : S extends StringShape ? string
      : S extends IntegerShape ? number
        : S extends BooleanShape ? boolean
          : S extends BlobShape ? Incoming
            : S extends ListShape<infer I> ? readonly ValueOf<I>[]
              : S extends StructureShape<infer M> ? StructureOf<M>
                : never;

export type StructureOf<M> =
  { readonly [K in keyof M as M[K] extends Required<unknown> ? K : never]: M[K] extends Required<infer S> ? ValueOf<S> : never } &
  { readonly [K in keyof M as M[K] extends Required<unknown> ? never : K]?: ValueOf<M[K]> };
