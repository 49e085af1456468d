//! An interpreter for the subset of the pickle format that checkpoints use. It calls nothing: calls are recorded as
//! values.

mod value;

use std::rc::Rc;
use thiserror::Error;
pub(crate) use value::{Object, Pickle, Value};

/// Maximum number of instructions; a state dict has a few dozen per tensor.
const MAX_INSTRUCTIONS: usize = 4_000_000;
/// Maximum number of values on the stack, in the memo, and in all containers together.
const MAX_VALUES: usize = 2_000_000;

/// Why a pickle can't be interpreted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum PickleError {
    #[error("it ends in the middle of an instruction")]
    Truncated,
    #[error("0x{0:02x} at byte {1} is not an instruction that checkpoints contain")]
    Instruction(u8, usize),
    #[error("an instruction needs a value that does not exist")]
    MissingValue,
    #[error("it has too many instructions or values for a checkpoint")]
    LimitExceeded,
}

/// Interprets a pickle and returns the value that it builds. Bytes after it are ignored.
pub(crate) fn read(bytes: &[u8]) -> Result<Pickle, PickleError> {
    let mut machine = Machine {
        bytes,
        at: 0,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: Vec::new(),
        stored: 0,
        pickle: Pickle {
            root: Value::None,
            length: 0,
            sequences: Vec::new(),
            dicts: Vec::new(),
            objects: Vec::new(),
        },
    };
    for _ in 0..MAX_INSTRUCTIONS {
        if let Some(root) = machine.step()? {
            return Ok(Pickle {
                root,
                length: machine.at,
                ..machine.pickle
            });
        }
        if machine.stack.len() + machine.marks.len() + machine.stored > MAX_VALUES {
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
    /// Number of values in containers, plus the number of containers.
    stored: usize,
    pickle: Pickle,
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

    /// Reads a length of this many bytes, and as many bytes as it says.
    fn counted(&mut self, bytes: usize) -> Result<&'a [u8], PickleError> {
        let length = self.unsigned(bytes)?;
        self.take(usize::try_from(length).map_err(|_| PickleError::Truncated)?)
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

    /// The number on a line, as protocol 0 writes it.
    fn number(&mut self) -> Result<u64, PickleError> {
        let line = self.line()?;
        line.trim().parse().map_err(|_| PickleError::MissingValue)
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

    fn new_sequence(&mut self, values: Vec<Value>) -> usize {
        self.stored += 1 + values.len();
        self.pickle.sequences.push(values);
        self.pickle.sequences.len() - 1
    }

    fn new_dict(&mut self, items: Vec<Value>) -> Value {
        self.stored += 1;
        self.pickle.dicts.push(Vec::new());
        let dict = self.pickle.dicts.len() - 1;
        self.fill_dict(dict, items);
        Value::Dict(dict)
    }

    /// Adds alternating keys and values to a dictionary.
    fn fill_dict(&mut self, dict: usize, items: Vec<Value>) {
        self.stored += items.len();
        let mut items = items.into_iter();
        if let Some(entries) = self.pickle.dicts.get_mut(dict) {
            while let (Some(key), Some(value)) = (items.next(), items.next()) {
                entries.push((key, value));
            }
        }
    }

    /// Adds alternating keys and values to the dictionary on top of the stack; another object drops them.
    fn set_items(&mut self, items: Vec<Value>) -> Result<(), PickleError> {
        let top = self.pop()?;
        if let Value::Dict(dict) = top {
            self.fill_dict(dict, items);
        }
        self.stack.push(top);
        Ok(())
    }

    fn append(&mut self, items: Vec<Value>) -> Result<(), PickleError> {
        let top = self.pop()?;
        if let Value::Sequence(list) = top
            && let Some(values) = self.pickle.sequences.get_mut(list)
        {
            self.stored += items.len();
            values.extend(items);
        }
        self.stack.push(top);
        Ok(())
    }

    /// Records a call without making it. Dictionary classes become dictionaries.
    fn call(&mut self, callee: Value, arguments: Value) -> Value {
        match (callee, arguments) {
            (Value::Global(name), arguments)
                if matches!(
                    &*name,
                    "collections.OrderedDict" | "collections.defaultdict" | "builtins.dict"
                ) =>
            {
                // Protocols 0 and 1 pass a list of pairs.
                let pairs = match arguments {
                    Value::Sequence(of) => self.pickle.sequence(of).first().cloned(),
                    _ => None,
                };
                let items = match pairs {
                    Some(Value::Sequence(pairs)) => self.pairs(pairs),
                    _ => Vec::new(),
                };
                self.new_dict(items)
            }
            (Value::Global(callee), Value::Sequence(arguments)) => {
                self.stored += 1;
                self.pickle.objects.push(Object {
                    callee,
                    arguments,
                    state: None,
                });
                Value::Object(self.pickle.objects.len() - 1)
            }
            _ => Value::Opaque,
        }
    }

    /// The members of a list of pairs, one after another.
    fn pairs(&self, list: usize) -> Vec<Value> {
        let pairs = self.pickle.sequence(list).iter();
        pairs
            .filter_map(|pair| match pair {
                Value::Sequence(pair) => match self.pickle.sequence(*pair) {
                    [key, value] => Some([key.clone(), value.clone()]),
                    _ => None,
                },
                _ => None,
            })
            .flatten()
            .collect()
    }

    /// Sets the attributes of the object below the top of the stack.
    fn build(&mut self) -> Result<(), PickleError> {
        let state = self.pop()?;
        let Some(top) = self.stack.last() else {
            return Err(PickleError::MissingValue);
        };
        if let Value::Object(index) = top
            && let Some(object) = self.pickle.objects.get_mut(*index)
        {
            object.state = Some(state);
        }
        Ok(())
    }

    /// A two's complement number of up to eight bytes; a longer one is no size of a tensor and becomes opaque.
    fn integer(bytes: &[u8]) -> Value {
        if bytes.len() > 8 {
            return Value::Opaque;
        }
        let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut padded = [if negative { 0xff } else { 0 }; 8];
        padded[..bytes.len()].copy_from_slice(bytes);
        Value::Int(i64::from_le_bytes(padded))
    }

    fn text(bytes: &[u8]) -> Value {
        Value::Str(String::from_utf8_lossy(bytes).into())
    }

    /// Interprets one instruction. Returns the result at the STOP instruction.
    fn step(&mut self) -> Result<Option<Value>, PickleError> {
        let start = self.at;
        let instruction = self.take(1)?[0];
        let pushed = match instruction {
            0x80 => return self.take(1).map(|_| None), // PROTO: version
            0x95 => return self.take(8).map(|_| None), // FRAME: length
            b'.' => return self.pop().map(Some),
            b'(' => {
                self.marks.push(self.stack.len());
                return Ok(None);
            }
            b'0' => return self.pop().map(|_| None),
            b'1' => return self.pop_to_mark().map(|_| None),
            b'2' => self.stack.last().ok_or(PickleError::MissingValue)?.clone(),
            b'N' => Value::None,
            0x88 => Value::Int(1),
            0x89 => Value::Int(0),
            b'K' => Value::Int(self.unsigned(1)? as i64),
            b'M' => Value::Int(self.unsigned(2)? as i64),
            b'J' => Value::Int(i64::from(self.unsigned(4)? as u32 as i32)),
            0x8a => Self::integer(self.counted(1)?),
            0x8b => Self::integer(self.counted(4)?),
            b'I' | b'L' => {
                let line = self.line()?;
                let digits = line.trim().trim_end_matches('L');
                digits.parse().map_or(Value::Opaque, Value::Int)
            }
            b'F' => {
                self.line()?;
                Value::Opaque
            }
            b'G' => {
                self.take(8)?;
                Value::Opaque
            }
            b'X' | b'T' => Self::text(self.counted(4)?),
            0x8c | b'U' => Self::text(self.counted(1)?),
            0x8d => Self::text(self.counted(8)?),
            b'V' => Value::Str(self.line()?.into()),
            b'S' => {
                let line = self.line()?;
                Value::Str(line.trim().trim_matches(['\'', '"']).into())
            }
            // Bytes and byte arrays.
            b'B' => self.counted(4).map(|_| Value::Opaque)?,
            b'C' => self.counted(1).map(|_| Value::Opaque)?,
            0x8e | 0x96 => self.counted(8).map(|_| Value::Opaque)?,
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
            b')' | b']' | 0x8f => Value::Sequence(self.new_sequence(Vec::new())),
            b'}' => self.new_dict(Vec::new()),
            b't' | b'l' | 0x91 => {
                let values = self.pop_to_mark()?;
                Value::Sequence(self.new_sequence(values))
            }
            b'd' => {
                let items = self.pop_to_mark()?;
                self.new_dict(items)
            }
            0x85..=0x87 => {
                let values = self.pop_many(usize::from(instruction) - 0x84)?;
                Value::Sequence(self.new_sequence(values))
            }
            b'Q' => match self.pop()? {
                Value::Sequence(id) => Value::Persistent(id),
                _ => Value::Opaque,
            },
            b'P' => {
                self.line()?;
                Value::Opaque
            }
            b'q' => {
                let index = self.unsigned(1)?;
                return self.memoize(index).map(|()| None);
            }
            b'r' => {
                let index = self.unsigned(4)?;
                return self.memoize(index).map(|()| None);
            }
            b'p' => {
                let index = self.number()?;
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
            b'g' => {
                let index = self.number()?;
                return self.recall(index).map(|()| None);
            }
            b'a' => {
                let item = self.pop()?;
                return self.append(vec![item]).map(|()| None);
            }
            b'e' | 0x90 => {
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
            b'R' | 0x81 => {
                let (arguments, callee) = (self.pop()?, self.pop()?);
                self.call(callee, arguments)
            }
            0x92 => {
                let (_keywords, arguments, callee) = (self.pop()?, self.pop()?, self.pop()?);
                self.call(callee, arguments)
            }
            b'i' => {
                let callee: Rc<str> = format!("{}.{}", self.line()?, self.line()?).into();
                let arguments = self.pop_to_mark()?;
                let arguments = Value::Sequence(self.new_sequence(arguments));
                self.call(Value::Global(callee), arguments)
            }
            b'o' => {
                let mut arguments = self.pop_to_mark()?;
                if arguments.is_empty() {
                    return Err(PickleError::MissingValue);
                }
                let callee = arguments.remove(0);
                let arguments = Value::Sequence(self.new_sequence(arguments));
                self.call(callee, arguments)
            }
            b'b' => return self.build().map(|()| None),
            other => return Err(PickleError::Instruction(other, start)),
        };
        self.stack.push(pushed);
        Ok(None)
    }
}
