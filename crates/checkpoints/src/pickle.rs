//! An interpreter for the subset of the pickle format that state dicts use. It calls nothing: calls are
//! recorded as values.

use std::rc::Rc;
use thiserror::Error;

/// Maximum number of instructions; a state dict has a few dozen per tensor.
const MAX_INSTRUCTIONS: usize = 1_000_000;
/// Maximum number of values on the stack, and in the memo.
const MAX_VALUES: usize = 1_000_000;

/// A value that a pickle builds. Clones share their contents, so that many references to one value take
/// little memory.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    None,
    Int(i64),
    Str(Rc<str>),
    /// A tuple or a list.
    Sequence(Rc<Vec<Value>>),
    Dict(Rc<Vec<(Value, Value)>>),
    /// A Python class or function, as `module.name`.
    Global(Rc<str>),
    /// A persistent ID, PyTorch's reference to a storage: a tuple of type, key, device, count.
    Persistent(Rc<Vec<Value>>),
    /// A call that was recorded instead of made: the callee's name and the arguments.
    Call(Rc<str>, Rc<Vec<Value>>),
    /// Any other value.
    Opaque,
}

/// Why a pickle can't be interpreted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum PickleError {
    #[error("it ends in the middle of an instruction")]
    Truncated,
    #[error("instruction 0x{0:02x} at byte {1} is not used by state dicts")]
    Instruction(u8, usize),
    #[error("an instruction needs a value that does not exist")]
    MissingValue,
    #[error("it has too many instructions or values for a state dict")]
    LimitExceeded,
}

/// Interprets a pickle and returns the value that it builds.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, PickleError> {
    let mut machine = Machine {
        bytes,
        at: 0,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: Vec::new(),
    };
    for _ in 0..MAX_INSTRUCTIONS {
        if let Some(value) = machine.step()? {
            return Ok(value);
        }
        if machine.stack.len() + machine.marks.len() > MAX_VALUES {
            return Err(PickleError::LimitExceeded);
        }
    }
    Err(PickleError::LimitExceeded)
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value>,
    /// Stack heights at the marks.
    marks: Vec<usize>,
    memo: Vec<Value>,
}

impl<'a> Machine<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], PickleError> {
        let end = self.at.checked_add(count).ok_or(PickleError::Truncated)?;
        let taken = self.bytes.get(self.at..end).ok_or(PickleError::Truncated)?;
        self.at = end;
        Ok(taken)
    }

    /// Reads a little-endian unsigned integer of up to eight bytes.
    fn unsigned(&mut self, bytes: usize) -> Result<u64, PickleError> {
        let mut padded = [0; 8];
        padded[..bytes].copy_from_slice(self.take(bytes)?);
        Ok(u64::from_le_bytes(padded))
    }

    fn text(&mut self, length: u64) -> Result<Rc<str>, PickleError> {
        let length = usize::try_from(length).map_err(|_| PickleError::Truncated)?;
        Ok(String::from_utf8_lossy(self.take(length)?).into())
    }

    fn line(&mut self) -> Result<String, PickleError> {
        let rest = self.bytes.get(self.at..).ok_or(PickleError::Truncated)?;
        let length = rest
            .iter()
            .position(|&byte| byte == b'\n')
            .ok_or(PickleError::Truncated)?;
        self.at += length + 1;
        Ok(String::from_utf8_lossy(&rest[..length]).into_owned())
    }

    fn pop(&mut self) -> Result<Value, PickleError> {
        // Values below a mark are not accessible.
        if self
            .marks
            .last()
            .is_some_and(|&mark| self.stack.len() <= mark)
        {
            return Err(PickleError::MissingValue);
        }
        self.stack.pop().ok_or(PickleError::MissingValue)
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Value>, PickleError> {
        let mut values = (0..count)
            .map(|_| self.pop())
            .collect::<Result<Vec<_>, _>>()?;
        values.reverse();
        Ok(values)
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Value>, PickleError> {
        let mark = self.marks.pop().ok_or(PickleError::MissingValue)?;
        if mark > self.stack.len() {
            return Err(PickleError::MissingValue);
        }
        Ok(self.stack.split_off(mark))
    }

    fn memoize(&mut self, index: u64) -> Result<(), PickleError> {
        let value = self.stack.last().ok_or(PickleError::MissingValue)?.clone();
        let index = usize::try_from(index).map_err(|_| PickleError::LimitExceeded)?;
        if index >= MAX_VALUES {
            return Err(PickleError::LimitExceeded);
        }
        if index >= self.memo.len() {
            self.memo.resize(index + 1, Value::None);
        }
        self.memo[index] = value;
        Ok(())
    }

    fn recall(&mut self, index: u64) -> Result<(), PickleError> {
        let value = usize::try_from(index)
            .ok()
            .and_then(|index| self.memo.get(index))
            .ok_or(PickleError::MissingValue)?;
        self.stack.push(value.clone());
        Ok(())
    }

    /// Adds alternating keys and values to the dictionary on top of the stack.
    fn set_items(&mut self, items: Vec<Value>) -> Result<(), PickleError> {
        let mut items = items.into_iter();
        let dict = self.pop()?;
        let Value::Dict(mut pairs) = dict else {
            // An object with dictionary items, which is not needed.
            self.stack.push(dict);
            return Ok(());
        };
        let entries = Rc::make_mut(&mut pairs);
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            entries.push((key, value));
        }
        self.stack.push(Value::Dict(pairs));
        Ok(())
    }

    fn append(&mut self, items: Vec<Value>) -> Result<(), PickleError> {
        let list = self.pop()?;
        self.stack.push(match list {
            Value::Sequence(mut values) => {
                Rc::make_mut(&mut values).extend(items);
                Value::Sequence(values)
            }
            other => other,
        });
        Ok(())
    }

    /// Records a call without making it. `OrderedDict()` becomes an empty dictionary.
    fn call(&mut self) -> Result<(), PickleError> {
        let (arguments, callee) = (self.pop()?, self.pop()?);
        self.stack.push(match (callee, arguments) {
            (Value::Global(name), _) if &*name == "collections.OrderedDict" => {
                Value::Dict(Rc::default())
            }
            (Value::Global(name), Value::Sequence(arguments)) => Value::Call(name, arguments),
            _ => Value::Opaque,
        });
        Ok(())
    }

    /// Interprets one instruction. Returns the result at the STOP instruction.
    fn step(&mut self) -> Result<Option<Value>, PickleError> {
        let start = self.at;
        let instruction = self.take(1)?[0];
        let sequence = |values| Value::Sequence(Rc::new(values));
        let pushed = match instruction {
            0x80 => return self.take(1).map(|_| None), // PROTO: version
            0x95 => return self.take(8).map(|_| None), // FRAME: length
            b'.' => return self.pop().map(Some),
            b'(' => {
                self.marks.push(self.stack.len());
                return Ok(None);
            }
            b'0' => return self.pop().map(|_| None),
            b'N' => Value::None,
            0x88 => Value::Int(1),
            0x89 => Value::Int(0),
            b'K' => Value::Int(self.unsigned(1)? as i64),
            b'M' => Value::Int(self.unsigned(2)? as i64),
            b'J' => Value::Int(i64::from(self.unsigned(4)? as u32 as i32)),
            0x8a => {
                let length = self.unsigned(1)? as usize;
                if length > 8 {
                    return Err(PickleError::LimitExceeded);
                }
                let unsigned = self.unsigned(length)?;
                // Sign-extend the two's complement number of `length` bytes.
                let shift = 64 - 8 * length.max(1) as u32;
                Value::Int(((unsigned << shift) as i64) >> shift)
            }
            b'G' => {
                self.take(8)?;
                Value::Opaque
            }
            b'X' => {
                let length = self.unsigned(4)?;
                Value::Str(self.text(length)?)
            }
            0x8c => {
                let length = self.unsigned(1)?;
                Value::Str(self.text(length)?)
            }
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                Value::Global(format!("{module}.{name}").into())
            }
            0x93 => match (self.pop()?, self.pop()?) {
                (Value::Str(name), Value::Str(module)) => {
                    Value::Global(format!("{module}.{name}").into())
                }
                _ => Value::Opaque,
            },
            b')' | b']' => sequence(Vec::new()),
            b'}' => Value::Dict(Rc::default()),
            b't' | b'l' => sequence(self.pop_to_mark()?),
            0x85..=0x87 => sequence(self.pop_many(usize::from(instruction) - 0x84)?),
            b'Q' => match self.pop()? {
                Value::Sequence(id) => Value::Persistent(id),
                _ => Value::Opaque,
            },
            b'q' => {
                let index = self.unsigned(1)?;
                return self.memoize(index).map(|()| None);
            }
            b'r' => {
                let index = self.unsigned(4)?;
                return self.memoize(index).map(|()| None);
            }
            0x94 => return self.memoize(self.memo.len() as u64).map(|()| None),
            b'h' => {
                let index = self.unsigned(1)?;
                return self.recall(index).map(|()| None);
            }
            b'j' => {
                let index = self.unsigned(4)?;
                return self.recall(index).map(|()| None);
            }
            b'a' => {
                let item = self.pop()?;
                return self.append(vec![item]).map(|()| None);
            }
            b'e' => {
                let items = self.pop_to_mark()?;
                return self.append(items).map(|()| None);
            }
            b's' => {
                let items = self.pop_many(2)?;
                return self.set_items(items).map(|()| None);
            }
            b'u' => {
                let items = self.pop_to_mark()?;
                return self.set_items(items).map(|()| None);
            }
            b'R' | 0x81 => return self.call().map(|()| None),
            // BUILD sets attributes of an object, which contain no weights.
            b'b' => return self.pop().map(|_| None),
            other => return Err(PickleError::Instruction(other, start)),
        };
        self.stack.push(pushed);
        Ok(None)
    }
}
