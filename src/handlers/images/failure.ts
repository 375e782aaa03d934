import { DrydockError, Problem } from '../../errors';
import { ImageCode } from '../../images/image-codes';

export function imageFailure(code: ImageCode, pointer: string, message: string, more: Pick<Problem, 'value' | 'fix'> & { readonly cause?: unknown } = {}): DrydockError {
  const { cause, ...rest } = more;
  return new DrydockError({ code, pointer, message, ...rest }, cause === undefined ? {} : { cause });
}
