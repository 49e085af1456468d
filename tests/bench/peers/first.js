// The minimal page that shows a digit: the library, the included weights, one decode, one canvas.
import { SIZES } from "./model.js";
import { read } from "./safetensors.js";

const variant = JSON.parse(new URL(location.href).searchParams.get("variant"));
// Load both in parallel.
const weights = fetch("weights.safetensors").then((reply) => reply.arrayBuffer());
const contender = await import(`./contenders/${variant.module}.js`);
await contender.open(variant);
const size = SIZES.S;
const model = await contender.load(size, read(await weights, size), { only: "decoder" });
const means = await model.decode(new Float32Array(size.latent), 1);
const canvas = document.querySelector("canvas").getContext("2d");
const image = canvas.createImageData(28, 28);
means.forEach((mean, i) => {
  image.data.fill(255 * mean, 4 * i, 4 * i + 3);
  image.data[4 * i + 3] = 255;
});
canvas.putImageData(image, 0, 0);
requestAnimationFrame(() => performance.mark("first-digit"));
