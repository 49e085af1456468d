// Shipped weights, as layers like those that `model.js` makes up.
import { layers } from "./model.js";

/** The layers of a model of these widths, out of the bytes of a safetensors file in half precision. */
export function read(bytes, size) {
  const view = new DataView(bytes);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, start - 8)));
  const values = (name) => {
    const { dtype, data_offsets: [from, to] } = header[name];
    if (dtype !== "F16") throw new Error(`${name} is ${dtype}`);
    return Float32Array.from({ length: (to - from) / 2 }, (_, i) => half(view.getUint16(start + from + 2 * i, true)));
  };
  return layers(size).map((layer) => ({
    ...layer,
    weight: values(`${layer.name}.weight`),
    bias: values(`${layer.name}.bias`),
  }));
}

/** Half precision by its bits: sign, five of exponent, ten of mantissa. */
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
