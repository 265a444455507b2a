/** Layers of TensorFlow.js that have no module of their own here. */
import { Module } from '../../nn/core/module.js';
import { clamp } from '../../ops/elementwise/clamp.js';
import { pad } from '../../ops/movement/pad.js';
import { permute } from '../../ops/movement/permute.js';
import { flatten } from '../../ops/movement/reshape.js';
import { slice } from '../../ops/movement/slice.js';
import type { Tensor } from '../../tensor/tensor.js';

/** Zeros around images: [left, right, top, bottom]. */
export class ZeroPad extends Module {
  constructor(readonly padding: readonly [number, number, number, number]) {
    super();
  }

  forward(x: Tensor): Tensor {
    return pad(x, this.padding);
  }

  protected override extraRepr(): string {
    return this.padding.join(', ');
  }
}

/** y = min(max(x, 0), most) */
export class BoundedReLU extends Module {
  constructor(readonly most: number) {
    super();
  }

  forward(x: Tensor): Tensor {
    return clamp(x, { min: 0, max: this.most });
  }

  protected override extraRepr(): string {
    return String(this.most);
  }
}

/** Images without their first rows and columns: [N,C,H,W] → [N,C,H − rows,W − columns]. */
export class DropFirst extends Module {
  constructor(
    readonly rows: number,
    readonly columns: number,
  ) {
    super();
  }

  forward(x: Tensor): Tensor {
    return slice(slice(x, this.rows, undefined, { axis: 2 }), this.columns, undefined, { axis: 3 });
  }

  protected override extraRepr(): string {
    return `${this.rows}, ${this.columns}`;
  }
}

/** Joins the axes of images with the channels last: [N,C,H,W] → [N,H·W·C]. */
export class FlattenChannelsLast extends Module {
  forward(x: Tensor): Tensor {
    return flatten(permute(x, [0, 2, 3, 1]), { startAxis: 1 });
  }
}
