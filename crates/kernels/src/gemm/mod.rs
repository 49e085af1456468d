//! Matrix products for processors with 128-bit SIMD: four `f32` at a time.
//!
//! | function | computes | operands |
//! | --- | --- | --- |
//! | [`gemm`] | A·B + bias | both packed ([`SparseLhs`], [`PackedRhs`]) |
//! | [`gemv()`] | x·B + bias, one row | B packed |
//! | [`gemm_nt`] | A·Bᵀ | neither packed ([`MatrixRef`]) |
//!
//! As in BLAS, a product is `[m, k]` times `[k, n]`; matrices are row-major. Aᵀ·B is [`gemm`] of a left operand
//! that was packed by its columns.

mod epilogue;
mod gemv;
mod nn;
mod nt;
mod pack;
mod sparse_lhs;

pub use gemv::gemv;
pub use nn::gemm;
pub use nt::gemm_nt;
pub use pack::{MatrixRef, PackedPanels, PackedRhs};
pub use sparse_lhs::SparseLhs;
