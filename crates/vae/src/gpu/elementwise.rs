//! Kernels that process tensors of one shape element by element, one invocation per element or per vector of four.

use super::kernel::{READ, Wgsl, fold_groups, launch, vector_width, wgsl_type};
use burn_cubecl::tensor::CubeTensor;

/// An elementwise kernel.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Elementwise {
    /// Names of the tensors that are written. Their WGSL element type `T` is `f32` or `vec4<f32>`.
    pub(super) written: &'static [&'static str],
    /// Names of the tensors that are only read.
    pub(super) read: &'static [&'static str],
    /// WGSL functions that the body calls.
    pub(super) functions: &'static [&'static str],
    /// The WGSL statements for element `i`. `param(k)` is the kth parameter.
    pub(super) body: &'static str,
}

/// A kernel for tensors whose length is, or is not, a multiple of four.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct VectorizedKernel {
    kernel: Elementwise,
    /// Values per invocation: 4 if the length is a multiple of four, otherwise 1.
    width: usize,
}

impl Elementwise {
    /// Launches the kernel on contiguous tensors: those that are written, then those that are read.
    pub(super) fn run(self, tensors: &[&CubeTensor], params: &[f32]) {
        let count = tensors[0].meta.num_elements();
        let width = vector_width(count);
        let invocations = (count / width) as u32;
        let groups = fold_groups(invocations, VectorizedKernel::WORKGROUP_SIZE[0]);
        let mut words = vec![invocations];
        words.extend(params.iter().map(|param| param.to_bits()));
        let kernel = VectorizedKernel {
            kernel: self,
            width,
        };
        launch(kernel, groups, tensors, &words);
    }
}

impl Wgsl for VectorizedKernel {
    const WORKGROUP_SIZE: [u32; 2] = [64, 1];

    fn source(&self) -> String {
        let mut text = format!("alias T = {};\n", wgsl_type(self.width));
        let written = self.kernel.written.iter().map(|name| (name, "read_write"));
        let read = self.kernel.read.iter().map(|name| (name, READ));
        for (binding, (name, access)) in written.chain(read).enumerate() {
            text += &format!(
                "@group(0) @binding({binding}) var<storage, {access}> {name}: array<T>;\n"
            );
        }
        let [x, _] = Self::WORKGROUP_SIZE;
        text + &format!(
            "@group(0) @binding({binding}) var<storage, read> words: array<u32>;
fn param(index: u32) -> f32 {{ return bitcast<f32>(words[1u + index]); }}
{functions}
@compute @workgroup_size({x})
fn main(@builtin(global_invocation_id) unit: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {{
let i = unit.y * groups.x * {x}u + unit.x;
if (i >= words[0]) {{ return; }}
{body}
}}",
            binding = self.kernel.written.len() + self.kernel.read.len(),
            functions = self.kernel.functions.join("\n"),
            body = self.kernel.body,
        )
    }
}
