//! Launching a kernel that is written in WGSL.

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

/// A kernel, by what its text depends on.
pub(super) trait Wgsl: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// Units of a workgroup along x and y.
    const UNITS: [u32; 2];

    /// The text, with an entry point `main`. Bound are the buffers that it is launched with, in their order, and after
    /// them the words, an `array<u32>`.
    fn source(&self) -> String;
}

/// How a kernel says that it only reads a buffer. Where several tensors may lie in one buffer, WebGPU wants all of a
/// kernel's bindings of it to be of the same kind.
pub(super) const READ: &str = if cfg!(target_family = "wasm") {
    "read"
} else {
    "read_write"
};

/// WGSL's type of so many numbers, 1 or 4.
pub(super) fn kind(width: usize) -> &'static str {
    if width == 4 { "vec4<f32>" } else { "f32" }
}

/// Has a kernel run by `groups` workgroups along x and y, on contiguous tensors and on words that it is told.
pub(super) fn launch(kernel: impl Wgsl, groups: [u32; 2], buffers: &[&CubeTensor], words: &[u32]) {
    let pairs = words.chunks(2).map(|pair| {
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

/// A tensor's numbers in the order of its axes, without gaps.
pub(super) fn contiguous(tensor: CubeTensor) -> CubeTensor {
    into_contiguous(tensor)
}

/// A tensor of this shape, beside another, to be written.
pub(super) fn empty_beside(other: &CubeTensor, shape: impl Into<Shape>) -> CubeTensor {
    let (client, device) = (other.client.clone(), other.device.clone());
    empty_device_contiguous_dtype(client, device, shape.into(), DType::F32)
}

/// The sizes of a tensor's axes.
pub(super) fn dims<const D: usize>(tensor: &CubeTensor) -> [usize; D] {
    std::array::from_fn(|axis| tensor.meta.shape()[axis])
}

/// Such a kernel as burn's runtime takes it: it is not compiled, but handed to the browser as it stands.
struct Source<K>(K);

impl<K: Wgsl> Source<K> {
    fn cube_dim() -> CubeDim {
        CubeDim::new_2d(K::UNITS[0], K::UNITS[1])
    }
}

impl<K: Wgsl> KernelMetadata for Source<K> {
    fn id(&self) -> KernelId {
        KernelId::new::<Self>()
            .info(self.0.clone())
            .cube_dim(Self::cube_dim().0)
            // Each index is checked or clamped in the text.
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
