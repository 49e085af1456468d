//! Launching kernels that are written in WGSL.

use burn::tensor::{DType, Shape};
use burn_cubecl::{
    cubecl::{
        CubeCount, CubeDim, CubeKernel, PrecompiledSource,
        ir::{ElemType, UIntKind, metadata::Info},
        prelude::{
            AddressType, ExecutionMode, KernelDefinition, KernelId, KernelMetadata, KernelSettings,
            Scope,
        },
        server::{KernelArguments, MetadataBindingInfo},
    },
    kernel::into_contiguous,
    ops::numeric::empty_device_contiguous_dtype,
    tensor::CubeTensor,
};
use std::{fmt::Debug, hash::Hash};

/// A kernel, identified by everything that its source depends on.
pub(super) trait Wgsl: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// Invocations of a workgroup along x and y.
    const WORKGROUP_SIZE: [u32; 2];

    /// The source, with an entry point `main`. Its bindings are the buffers of the launch in order, and last the parameters,
    /// an `array<u32>`.
    fn source(&self) -> String;
}

/// The access mode of buffers that a kernel only reads. Natively several tensors can share a buffer, and WebGPU requires the
/// same access mode for all bindings of a buffer in one dispatch.
pub(super) const READ: &str = if cfg!(target_family = "wasm") {
    "read"
} else {
    "read_write"
};

/// Values per vector that rows of this length are read in: 4 if it is a multiple of four, otherwise 1.
pub(super) fn vector_width(row: usize) -> usize {
    if row.is_multiple_of(4) { 4 } else { 1 }
}

/// The WGSL accessor of a vector's component; empty for a scalar.
pub(super) fn component(width: usize, index: usize) -> &'static str {
    match width {
        4 => [".x", ".y", ".z", ".w"][index],
        _ => "",
    }
}

/// The WGSL type of 1 or 4 values.
pub(super) fn wgsl_type(width: usize) -> &'static str {
    if width == 4 { "vec4<f32>" } else { "f32" }
}

/// Launches a kernel with `groups` workgroups along x and y, on contiguous tensors and with parameters.
pub(super) fn launch(kernel: impl Wgsl, groups: [u32; 2], buffers: &[&CubeTensor], params: &[u32]) {
    let pairs = params.chunks(2).map(|pair| {
        let high = pair.get(1).copied().unwrap_or_default();
        u64::from(pair[0]) | u64::from(high) << 32
    });
    let mut arguments = KernelArguments::new();
    arguments.info = MetadataBindingInfo::custom(pairs.collect());
    for buffer in buffers {
        arguments = arguments.with_buffer(buffer.handle.clone().binding());
    }
    let count = CubeCount::Static(groups[0], groups[1], 1);
    buffers[0]
        .client
        .launch(Box::new(Source(kernel)), count, arguments);
}

/// The number of workgroups along an axis that every WebGPU device supports.
const MAX_GROUPS_PER_AXIS: u32 = 65_535;

/// Workgroups for as many invocations along one axis, of `size` each. They are folded into two axes; the index of an
/// invocation is `y * groups.x * size + x`.
pub(super) fn fold_groups(invocations: u32, size: u32) -> [u32; 2] {
    let groups = invocations.div_ceil(size);
    let rows = groups.div_ceil(MAX_GROUPS_PER_AXIS);
    [groups.div_ceil(rows.max(1)), rows]
}

/// A tensor in contiguous, row-major layout.
pub(super) fn contiguous(tensor: CubeTensor) -> CubeTensor {
    into_contiguous(tensor)
}

/// An uninitialized tensor of this shape on the device of another.
pub(super) fn empty_on_device_of(other: &CubeTensor, shape: impl Into<Shape>) -> CubeTensor {
    let (client, device) = (other.client.clone(), other.device.clone());
    empty_device_contiguous_dtype(client, device, shape.into(), DType::F32)
}

/// The sizes of a tensor's axes.
pub(super) fn dims<const D: usize>(tensor: &CubeTensor) -> [usize; D] {
    std::array::from_fn(|axis| tensor.meta.shape()[axis])
}

/// The kernel for burn's runtime, which passes its WGSL source to the driver without compiling it.
struct Source<K>(K);

impl<K: Wgsl> Source<K> {
    fn cube_dim() -> CubeDim {
        CubeDim::new_2d(K::WORKGROUP_SIZE[0], K::WORKGROUP_SIZE[1])
    }
}

impl<K: Wgsl> KernelMetadata for Source<K> {
    fn id(&self) -> KernelId {
        KernelId::new::<Self>()
            .info(self.0.clone())
            .cube_dim(Self::cube_dim().0)
            // The source checks or clamps each index.
            .mode(ExecutionMode::Unchecked)
    }

    fn address_type(&self) -> ElemType {
        UIntKind::U32.into()
    }
}

impl<K: Wgsl> CubeKernel for Source<K> {
    fn define(&self) -> KernelDefinition {
        let settings = KernelSettings::new(
            Self::cube_dim().0,
            ExecutionMode::Unchecked,
            AddressType::U32,
        );
        KernelDefinition {
            body: Scope::root(settings.clone()),
            settings,
            info: Info::default(),
        }
    }

    fn source(&self) -> Option<PrecompiledSource> {
        Some(PrecompiledSource {
            source: self.0.source(),
            entrypoint_name: "main".to_owned(),
            lang: "wgsl",
        })
    }
}
