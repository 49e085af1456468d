//! A kernel that goes over the numbers of some tensors of one shape, each unit at one place of all of them.

use super::kernel::{READ, Wgsl, kind, launch};
use burn_cubecl::tensor::CubeTensor;

/// Workgroups along an axis that every WebGPU device takes.
const MOST_GROUPS: u32 = 65_535;

/// Such a kernel.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Pass {
    /// Names of the tensors whose numbers are written. A `T` of them is a number, or four at once.
    pub(super) written: &'static [&'static str],
    /// Those that are read only.
    pub(super) read: &'static [&'static str],
    /// Functions that the body calls.
    pub(super) functions: &'static str,
    /// What is done at place `i`. `number(k)` is the kth of the numbers that it is told.
    pub(super) body: &'static str,
}

/// The same, for tensors of some length.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sized {
    pass: Pass,
    /// Numbers at a place: 4 where they are a multiple of four, otherwise 1.
    width: usize,
}

impl Pass {
    /// Runs it on contiguous tensors: those that are written, then those that are read.
    pub(super) fn run(self, tensors: &[&CubeTensor], numbers: &[f32]) {
        let count = tensors[0].meta.num_elements();
        let width = if count.is_multiple_of(4) { 4 } else { 1 };
        let places = (count / width) as u32;
        let groups = places.div_ceil(Sized::UNITS[0]);
        let rows = groups.div_ceil(MOST_GROUPS);
        let mut words = vec![places];
        words.extend(numbers.iter().map(|number| number.to_bits()));
        let kernel = Sized { pass: self, width };
        launch(kernel, [groups.div_ceil(rows), rows], tensors, &words);
    }
}

impl Wgsl for Sized {
    const UNITS: [u32; 2] = [64, 1];

    fn source(&self) -> String {
        let mut text = format!("alias T = {};\n", kind(self.width));
        let written = self.pass.written.iter().map(|name| (name, "read_write"));
        let read = self.pass.read.iter().map(|name| (name, READ));
        for (binding, (name, access)) in written.chain(read).enumerate() {
            text += &format!(
                "@group(0) @binding({binding}) var<storage, {access}> {name}: array<T>;\n"
            );
        }
        let [x, _] = Self::UNITS;
        text + &format!(
            "@group(0) @binding({binding}) var<storage, read> words: array<u32>;
fn number(index: u32) -> f32 {{ return bitcast<f32>(words[1u + index]); }}
{functions}
@compute @workgroup_size({x})
fn main(@builtin(global_invocation_id) unit: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {{
let i = unit.y * groups.x * {x}u + unit.x;
if (i >= words[0]) {{ return; }}
{body}
}}",
            binding = self.pass.written.len() + self.pass.read.len(),
            functions = self.pass.functions,
            body = self.pass.body,
        )
    }
}
