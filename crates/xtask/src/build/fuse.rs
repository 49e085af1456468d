//! Contracts multiply-adds in the CPU engines' modules.
//!
//! SIMD without the relaxed-SIMD extension has no fused multiply-add, the main instruction of a matrix
//! product. Relaxed SIMD has one, but not every browser supports it, and rustc emits it only for explicit
//! intrinsics, which no dependency of burn uses. So each engine is compiled once, for plain SIMD, and this
//! module rewrites `f32x4.mul` followed by `f32x4.add` into `f32x4.relaxed_madd` in a copy. Both modules are
//! published, and the worker loads the one that its browser supports (`www/engine-worker.js`).
//!
//! Each contraction saves one rounding, so the results differ slightly. The tests run on both modules.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, Function, Instruction, Module, ValType};
use wasmparser::{FuncType, Parser, Payload};

/// Replaces `_bg.wasm` in the file name of a contracted module.
const SUFFIX: &str = "-fused_bg.wasm";

/// Writes a contracted copy of each CPU engine in `dist`.
pub(crate) fn run(dist: &Path) -> Result<()> {
    run_on(&engines(dist)?)
}

/// Writes a contracted copy of each of `modules` that exists.
pub(crate) fn run_on(modules: &[PathBuf]) -> Result<()> {
    for plain in modules.iter().filter(|module| module.exists()) {
        let bytes = std::fs::read(plain)?;
        let (fused, count) =
            fuse(&bytes).with_context(|| format!("cannot contract {}", plain.display()))?;
        let name = plain.to_string_lossy().replace("_bg.wasm", SUFFIX);
        std::fs::write(&name, fused)?;
        eprintln!("{name}: {count} fused multiply-adds");
    }
    Ok(())
}

/// Whether [`run`] wrote this module.
pub(crate) fn is_fused(module: &Path) -> bool {
    module.to_string_lossy().ends_with(SUFFIX)
}

/// The plain modules of the CPU engines, with their chunks.
fn engines(dist: &Path) -> Result<Vec<PathBuf>> {
    let mut modules = Vec::new();
    for entry in std::fs::read_dir(dist)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let of_cpu = ["engine-flex", "engine-ndarray"]
            .iter()
            .any(|engine| name.starts_with(engine));
        if of_cpu && name.ends_with("_bg.wasm") && !is_fused(&path) {
            modules.push(path);
        }
    }
    modules.sort();
    Ok(modules)
}

/// Returns the module with its multiply-adds contracted, and their number.
///
/// # Errors
///
/// If `module` is not a valid wasm module.
pub(crate) fn fuse(module: &[u8]) -> Result<(Vec<u8>, usize)> {
    let mut fuser = Fuser {
        params: params(module)?.into_iter(),
        count: 0,
    };
    let mut out = Module::new();
    fuser
        .parse_core_module(&mut out, Parser::new(0), module)
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok((out.finish(), fuser.count))
}

/// The number of parameters of each function that has a body, in the module's order.
fn params(module: &[u8]) -> Result<Vec<u32>> {
    let mut types: Vec<FuncType> = Vec::new();
    let mut params = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::TypeSection(section) => {
                for group in section {
                    for ty in group?.into_types() {
                        types.push(ty.unwrap_func().clone());
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    let ty = types
                        .get(ty? as usize)
                        .context("a function's type index is out of range")?;
                    params.push(u32::try_from(ty.params().len())?);
                }
            }
            _ => {}
        }
    }
    Ok(params)
}

/// Copies a module and contracts the multiply-adds of each function.
struct Fuser {
    params: std::vec::IntoIter<u32>,
    count: usize,
}

impl Reencode for Fuser {
    type Error = std::convert::Infallible;

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), Error<Self::Error>> {
        let mut locals = Vec::new();
        let mut first_free = self.params.next().unwrap_or_default();
        for pair in body.get_locals_reader()? {
            let (count, ty) = pair?;
            first_free += count;
            locals.push((count, self.val_type(ty)?));
        }
        let mut instructions = Vec::new();
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            instructions.push(utils::parse_instruction(self, &mut reader)?);
        }
        let rewrites = rewrites(&instructions);
        if rewrites.contains(&Rewrite::MaddRotated) {
            locals.push((3, ValType::V128));
        }
        let mut function = Function::new(locals);
        for (instruction, rewrite) in instructions.iter().zip(&rewrites) {
            match rewrite {
                Rewrite::Keep => {
                    function.instruction(instruction);
                }
                Rewrite::Remove => {}
                Rewrite::MaddRotated => {
                    self.count += 1;
                    let [c, x, y] = [0, 1, 2].map(|local| first_free + local);
                    function.instruction(&Instruction::LocalSet(y));
                    function.instruction(&Instruction::LocalSet(x));
                    function.instruction(&Instruction::LocalSet(c));
                    for operand in [x, y, c] {
                        function.instruction(&Instruction::LocalGet(operand));
                    }
                    function.instruction(&match instruction {
                        Instruction::F32x4Sub => Instruction::F32x4RelaxedNmadd,
                        _ => Instruction::F32x4RelaxedMadd,
                    });
                }
                Rewrite::Madd => {
                    self.count += 1;
                    function.instruction(&Instruction::F32x4RelaxedMadd);
                }
            }
        }
        code.function(&function);
        Ok(())
    }
}

/// What replaces an instruction.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rewrite {
    /// The instruction itself.
    Keep,
    /// Nothing: a product that becomes part of a multiply-add.
    Remove,
    /// A multiply-add: an addition whose operands are on the stack in its order x, y, c.
    Madd,
    /// A multiply-add after reordering the stack: an addition or a subtraction whose operands are on
    /// the stack as c, x, y.
    MaddRotated,
}

/// The rewrite of each instruction: every product whose only use is a sum is merged into it.
fn rewrites(instructions: &[Instruction<'_>]) -> Vec<Rewrite> {
    let mut rewrites = vec![Rewrite::Keep; instructions.len()];
    for (at, instruction) in instructions.iter().enumerate() {
        if !matches!(instruction, Instruction::F32x4Mul) {
            continue;
        }
        if let Some((sum, rewrite)) = consuming_sum(instructions, at)
            && rewrites[sum] == Rewrite::Keep
        {
            rewrites[at] = Rewrite::Remove;
            rewrites[sum] = rewrite;
        }
    }
    rewrites
}

/// The index and the rewrite of the sum that consumes the product at `product`, if only
/// straight-line code is between them.
fn consuming_sum(instructions: &[Instruction<'_>], product: usize) -> Option<(usize, Rewrite)> {
    // The number of values above the product on the stack.
    let mut above = 0usize;
    for (at, instruction) in instructions.iter().enumerate().skip(product + 1) {
        match (instruction, above) {
            (Instruction::F32x4Add | Instruction::F32x4Sub, 0) => {
                return Some((at, Rewrite::MaddRotated));
            }
            (Instruction::F32x4Add, 1) => return Some((at, Rewrite::Madd)),
            _ => {
                let (pops, pushes) = stack_effect(instruction)?;
                above = above.checked_sub(pops)? + pushes;
            }
        }
    }
    None
}

/// The numbers of values that an instruction pops and pushes, for the instructions that compute a sum's
/// operands; `None` for all others.
fn stack_effect(instruction: &Instruction<'_>) -> Option<(usize, usize)> {
    use Instruction as I;
    Some(match instruction {
        I::LocalGet(_) | I::I32Const(_) | I::V128Const(_) | I::F32Const(_) => (0, 1),
        I::LocalSet(_) => (1, 0),
        I::V128Load(_)
        | I::V128Load32Splat(_)
        | I::V128Load64Splat(_)
        | I::V128Load32Zero(_)
        | I::F32Load(_)
        | I::I32Load(_)
        | I::F32x4Splat
        | I::F32x4Neg
        | I::F32x4Abs => (1, 1),
        I::I32Add
        | I::I32Sub
        | I::I32Mul
        | I::I32Shl
        | I::F32x4Add
        | I::F32x4Sub
        | I::F32x4Mul
        | I::F32x4Div
        | I::I8x16Shuffle(_) => (2, 1),
        I::V128Store(_) => (2, 0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{FunctionSection, TypeSection};
    use wasmparser::{Operator, Validator};

    /// A module with one function, which takes three vectors and returns one.
    fn module(body: &[Instruction<'_>]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([ValType::V128; 3], [ValType::V128]);
        let mut functions = FunctionSection::new();
        functions.function(0);
        let mut function = Function::new([(1, ValType::I32)]);
        for instruction in body {
            function.instruction(instruction);
        }
        function.instruction(&Instruction::End);
        let mut code = CodeSection::new();
        code.function(&function);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&code);
        module.finish()
    }

    /// The contracted body as text. Checks that the module is valid.
    fn fused(body: &[Instruction<'_>]) -> Vec<String> {
        let (module, _) = fuse(&module(body)).unwrap();
        Validator::new().validate_all(&module).unwrap();
        let mut words = Vec::new();
        for payload in Parser::new(0).parse_all(&module) {
            if let Payload::CodeSectionEntry(body) = payload.unwrap() {
                for operator in body.get_operators_reader().unwrap() {
                    words.push(match operator.unwrap() {
                        Operator::LocalGet { local_index } => format!("get {local_index}"),
                        Operator::LocalSet { local_index } => format!("set {local_index}"),
                        other => format!("{other:?}"),
                    });
                }
            }
        }
        words.pop();
        words
    }

    const X: Instruction<'_> = Instruction::LocalGet(0);
    const Y: Instruction<'_> = Instruction::LocalGet(1);
    const C: Instruction<'_> = Instruction::LocalGet(2);

    #[test]
    fn fuse_keeps_the_operands_order_if_the_product_comes_first() {
        let body = [X, Y, Instruction::F32x4Mul, C, Instruction::F32x4Add];
        assert_eq!(
            fused(&body),
            ["get 0", "get 1", "get 2", "F32x4RelaxedMadd"]
        );
    }

    #[test]
    fn fuse_rotates_the_operands_if_the_product_comes_last() {
        // The three parameters and one local come before the new locals.
        let rotation = ["set 6", "set 5", "set 4", "get 5", "get 6", "get 4"];
        for (last, fused_last) in [
            (Instruction::F32x4Add, "F32x4RelaxedMadd"),
            (Instruction::F32x4Sub, "F32x4RelaxedNmadd"),
        ] {
            let body = [C, X, Y, Instruction::F32x4Mul, last];
            let expected = [&["get 2", "get 0", "get 1"][..], &rotation, &[fused_last]].concat();
            assert_eq!(fused(&body), expected);
        }
    }

    #[test]
    fn fuse_contracts_one_of_two_products() {
        let (mul, add) = (Instruction::F32x4Mul, Instruction::F32x4Add);
        let body = [X, Y, mul.clone(), X, C, mul, add];
        assert_eq!(
            fused(&body),
            [
                "get 0",
                "get 1",
                "get 0",
                "get 2",
                "F32x4Mul",
                "F32x4RelaxedMadd"
            ]
        );
    }

    #[test]
    fn fuse_keeps_other_instructions() {
        let (mul, add, sub) = (
            Instruction::F32x4Mul,
            Instruction::F32x4Add,
            Instruction::F32x4Sub,
        );
        // x·y − c, and a product of sums.
        assert_eq!(
            fused(&[X, Y, mul.clone(), C, sub]).last().unwrap(),
            "F32x4Sub"
        );
        assert_eq!(
            fused(&[X, Y, add, C, mul.clone()]).last().unwrap(),
            "F32x4Mul"
        );
        // A product with a second use.
        let kept = [
            X,
            Y,
            mul,
            Instruction::LocalTee(0),
            C,
            Instruction::F32x4Add,
        ];
        assert!(fused(&kept).contains(&"F32x4Mul".to_owned()));
    }

    #[test]
    fn worker_probe_needs_relaxed_simd() {
        let worker = include_str!("../../../../www/engine-worker.js");
        let (_, rest) = worker.split_once("new Uint8Array([").unwrap();
        let (bytes, _) = rest.split_once("])").unwrap();
        let bytes: Vec<u8> = bytes
            .split(',')
            .filter_map(|byte| byte.trim().strip_prefix("0x"))
            .map(|byte| u8::from_str_radix(byte, 16).unwrap())
            .collect();
        Validator::new().validate_all(&bytes).unwrap();
        let plain = wasmparser::WasmFeatures::all() - wasmparser::WasmFeatures::RELAXED_SIMD;
        assert!(
            Validator::new_with_features(plain)
                .validate_all(&bytes)
                .is_err()
        );
    }

    #[test]
    fn fuse_rejects_invalid_modules() {
        assert!(fuse(b"<!doctype html>").is_err());
    }
}
