import { LayerPart } from '../ecr/layer-part';

/** Parts that were used are used again: each is large, and the garbage collector comes late to what lies outside its heap. */
export class PartPool {
  private readonly free: LayerPart[] = [];

  public take(capacity: number): LayerPart {
    const at = this.free.findIndex((part) => part.capacity === capacity);
    if (at < 0) {
      return new LayerPart(capacity);
    }
    const [part] = this.free.splice(at, 1);
    part.reset();
    return part;
  }

  /** Only a part that no request holds any more. */
  public give(part: LayerPart): void {
    this.free.push(part);
  }

  /** Lets go of what lies unused, for a layer of another size. */
  public clear(): void {
    this.free.length = 0;
  }
}
