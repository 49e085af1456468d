//! Fused multiply-add for the engines that compute in wasm.
//!
//! Plain SIMD has no `a * b + c` in one instruction, and a matrix product consists of little else. Relaxed
//! SIMD has one, but not every browser reads it yet, and rustc writes it only where it is asked for by name,
//! which no crate under burn does. So the module is built once, and what the compiler wrote is contracted
//! afterwards: each product of four lanes that goes straight into a sum becomes one instruction. Both modules
//! are published, and the worker takes the one that its browser can read (`www/engine-worker.js`).
//!
//! The result differs from the plain module's by one rounding less in each contraction. Tests run on it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, Function, Instruction, Module, ValType};
use wasmparser::{FuncType, Parser, Payload};

/// How the contracted module is called, after the one that it is made of.
const SUFFIX: &str = "-fused_bg.wasm";

/// Writes the contracted module beside each CPU engine of `dist`.
pub(crate) fn run(dist: &Path) -> Result<()> {
    run_on(&engines(dist))
}

/// The same beside those of `modules` that are there.
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

/// Whether this is the work of [`run`].
pub(crate) fn is_fused(module: &Path) -> bool {
    module.to_string_lossy().ends_with(SUFFIX)
}

/// The modules that compute in wasm.
fn engines(dist: &Path) -> [PathBuf; 2] {
    ["engine-flex_bg.wasm", "engine-ndarray_bg.wasm"].map(|name| dist.join(name))
}

/// The module with its products and sums contracted, and how many.
///
/// # Errors
///
/// When it is not a module of functions that this knows how to read.
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

/// The number of parameters of each function that has a body, in order.
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
                    let ty = types.get(ty? as usize).context("a function's type")?;
                    params.push(u32::try_from(ty.params().len())?);
                }
            }
            _ => {}
        }
    }
    Ok(params)
}

/// Copies a module, contracting each function on the way.
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
        let found = contractions(&instructions);
        if found.contains(&Place::Rotated) {
            locals.push((3, ValType::V128));
        }
        let mut function = Function::new(locals);
        for (instruction, place) in instructions.iter().zip(&found) {
            match place {
                Place::Kept => {
                    function.instruction(instruction);
                }
                Place::Dropped => {}
                Place::Rotated => {
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
                Place::Straight => {
                    self.count += 1;
                    function.instruction(&Instruction::F32x4RelaxedMadd);
                }
            }
        }
        code.function(&function);
        Ok(())
    }
}

/// What becomes of an instruction.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// It stays.
    Kept,
    /// A product that its sum makes.
    Dropped,
    /// A sum whose operands lie as the fused instruction wants them: x, y, c.
    Straight,
    /// A sum, or a difference, whose operands lie as c, x, y.
    Rotated,
}

/// Which products go straight into which sums.
fn contractions(instructions: &[Instruction<'_>]) -> Vec<Place> {
    let mut places = vec![Place::Kept; instructions.len()];
    for (at, instruction) in instructions.iter().enumerate() {
        if !matches!(instruction, Instruction::F32x4Mul) {
            continue;
        }
        if let Some((sum, place)) = sum_of(instructions, at)
            && places[sum] == Place::Kept
        {
            places[at] = Place::Dropped;
            places[sum] = place;
        }
    }
    places
}

/// The sum that takes the product at `at`, in straight-line code.
fn sum_of(instructions: &[Instruction<'_>], at: usize) -> Option<(usize, Place)> {
    // How many values lie above the product.
    let mut above = 0usize;
    for (at, instruction) in instructions.iter().enumerate().skip(at + 1) {
        match (instruction, above) {
            (Instruction::F32x4Add | Instruction::F32x4Sub, 0) => {
                return Some((at, Place::Rotated));
            }
            (Instruction::F32x4Add, 1) => return Some((at, Place::Straight)),
            _ => {
                let (taken, left) = effect(instruction)?;
                above = above.checked_sub(taken)? + left;
            }
        }
    }
    None
}

/// How many values an instruction takes from the stack and leaves there, for those that operands of sums are
/// made with.
fn effect(instruction: &Instruction<'_>) -> Option<(usize, usize)> {
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

    /// A module of one function of three vectors to one.
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

    /// The contracted body, in words, of a module that browsers with relaxed SIMD read.
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
    fn a_product_before_its_sum_stays_where_it_is() {
        let body = [X, Y, Instruction::F32x4Mul, C, Instruction::F32x4Add];
        assert_eq!(
            fused(&body),
            ["get 0", "get 1", "get 2", "F32x4RelaxedMadd"]
        );
    }

    #[test]
    fn a_product_on_top_changes_places() {
        // Three of the parameters and one local come before the new ones.
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
    fn a_sum_of_two_products_takes_one() {
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
    fn what_is_no_multiply_add_stays() {
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
        // A product that is kept for something else, too.
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
    fn the_workers_probe_is_a_module_with_relaxed_simd() {
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
    fn what_is_no_module_is_refused() {
        assert!(fuse(b"<!doctype html>").is_err());
    }
}
