// Convolutions in TensorFlow.js, channels last.
import * as tf from "@tensorflow/tfjs-core";

/** Padding of one row or column on each side. */
const PAD = 1;

/** The values of each of the 9 positions of a 3×3 kernel, `[n · rows · columns, channels]` each. */
function taps(x, [rows, columns], stride) {
  const [n, , , channels] = x.shape;
  const padded = tf.pad(x, [[0, 0], [PAD, PAD], [PAD, PAD], [0, 0]]);
  return [...Array(9).keys()].map((tap) => {
    const [y, z] = [Math.floor(tap / 3), tap % 3];
    const end = [n, y + (rows - 1) * stride + 1, z + (columns - 1) * stride + 1, channels];
    const values = tf.stridedSlice(padded, [0, y, z, 0], end, [1, stride, stride, 1]);
    return tf.reshape(values, [-1, channels]);
  });
}

/**
 * A 3×3 convolution with a border of one zero. The WASM backend has no kernel for the gradient of the weight; it is a
 * matrix product for each position of the kernel, which is faster than the gradient of a convolution by patches.
 */
export function conv2d(x, kernel, stride) {
  const run = tf.customGrad((x, kernel, save) => {
    save([x, kernel]);
    const value = tf.conv2d(x, kernel, stride, PAD);
    const gradFunc = (dy, [x, kernel]) => {
      const [, rows, columns, channels] = dy.shape;
      const delta = tf.reshape(dy, [-1, channels]);
      const products = () =>
        taps(x, [rows, columns], stride).map((values) => tf.matMul(values, delta, true, false));
      return [
        tf.conv2dTranspose(dy, kernel, x.shape, stride, PAD),
        tf.reshape(tf.concat(products(), 0), kernel.shape),
      ];
    };
    return { value, gradFunc };
  });
  return run(x, kernel);
}

/** Doubles rows and columns by nearest-neighbour upsampling. */
export const upsample = (x) =>
  tf.image.resizeNearestNeighbor(x, [2 * x.shape[1], 2 * x.shape[2]]);
