//! The part of the pickle format that state dicts are made of.

use std::rc::Rc;
use thiserror::Error;

/// The most instructions that are followed: a state dict has some dozen for each tensor.
const MAX_INSTRUCTIONS: usize = 1_000_000;
/// The most values that may wait on the stack or lie in the memo.
const MAX_VALUES: usize = 1_000_000;

/// A value that a pickle builds. Clones share their contents, so that a pickle that refers to one
/// value a million times stays small.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    None,
    Int(i64),
    Str(Rc<str>),
    /// A tuple or a list.
    Sequence(Rc<Vec<Value>>),
    Dict(Rc<Vec<(Value, Value)>>),
    /// A Python class or function, by name.
    Global(Rc<str>),
    /// What `torch` stores outside the pickle: its tuple of type, key, device, count.
    Persistent(Rc<Vec<Value>>),
    /// The arguments of a call that was not made, with the name of what was to be called.
    Call(Rc<str>, Rc<Vec<Value>>),
    /// Anything else.
    Opaque,
}

/// A pickle that can't be followed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum PickleError {
    #[error("it ends in the middle of an instruction")]
    Cut,
    #[error("instruction 0x{0:02x} at byte {1} is none that state dicts are made of")]
    Instruction(u8, usize),
    #[error("it takes values that are not there")]
    Empty,
    #[error("it is longer or deeper than any state dict")]
    TooLong,
}

/// Follows a pickle and gives the value that it builds.
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
            return Err(PickleError::TooLong);
        }
    }
    Err(PickleError::TooLong)
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value>,
    /// Heights of the stack at the marks.
    marks: Vec<usize>,
    memo: Vec<Value>,
}

impl<'a> Machine<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], PickleError> {
        let end = self.at.checked_add(count).ok_or(PickleError::Cut)?;
        let taken = self.bytes.get(self.at..end).ok_or(PickleError::Cut)?;
        self.at = end;
        Ok(taken)
    }

    /// A little-endian number of up to eight bytes.
    fn number(&mut self, bytes: usize) -> Result<u64, PickleError> {
        let mut whole = [0; 8];
        whole[..bytes].copy_from_slice(self.take(bytes)?);
        Ok(u64::from_le_bytes(whole))
    }

    fn text(&mut self, length: u64) -> Result<Rc<str>, PickleError> {
        let length = usize::try_from(length).map_err(|_| PickleError::Cut)?;
        Ok(String::from_utf8_lossy(self.take(length)?).into())
    }

    fn line(&mut self) -> Result<String, PickleError> {
        let rest = self.bytes.get(self.at..).ok_or(PickleError::Cut)?;
        let length = rest
            .iter()
            .position(|&byte| byte == b'\n')
            .ok_or(PickleError::Cut)?;
        self.at += length + 1;
        Ok(String::from_utf8_lossy(&rest[..length]).into_owned())
    }

    fn pop(&mut self) -> Result<Value, PickleError> {
        // A mark shields what lies below it.
        if self
            .marks
            .last()
            .is_some_and(|&mark| self.stack.len() <= mark)
        {
            return Err(PickleError::Empty);
        }
        self.stack.pop().ok_or(PickleError::Empty)
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Value>, PickleError> {
        let mut values = (0..count)
            .map(|_| self.pop())
            .collect::<Result<Vec<_>, _>>()?;
        values.reverse();
        Ok(values)
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Value>, PickleError> {
        let mark = self.marks.pop().ok_or(PickleError::Empty)?;
        if mark > self.stack.len() {
            return Err(PickleError::Empty);
        }
        Ok(self.stack.split_off(mark))
    }

    fn remember(&mut self, place: u64) -> Result<(), PickleError> {
        let value = self.stack.last().ok_or(PickleError::Empty)?.clone();
        let place = usize::try_from(place).map_err(|_| PickleError::TooLong)?;
        if place >= MAX_VALUES {
            return Err(PickleError::TooLong);
        }
        if place >= self.memo.len() {
            self.memo.resize(place + 1, Value::None);
        }
        self.memo[place] = value;
        Ok(())
    }

    fn recall(&mut self, place: u64) -> Result<(), PickleError> {
        let value = usize::try_from(place)
            .ok()
            .and_then(|place| self.memo.get(place))
            .ok_or(PickleError::Empty)?;
        self.stack.push(value.clone());
        Ok(())
    }

    /// Puts pairs into the dictionary on the stack.
    fn set_items(&mut self, items: Vec<Value>) -> Result<(), PickleError> {
        let mut items = items.into_iter();
        let dict = self.pop()?;
        let Value::Dict(mut pairs) = dict else {
            // An object that pretends to be a dictionary: nothing that we read.
            self.stack.push(dict);
            return Ok(());
        };
        let all = Rc::make_mut(&mut pairs);
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            all.push((key, value));
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

    /// A call that is noted, never made. An `OrderedDict` is a dictionary.
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

    /// Follows one instruction; gives the result at the last one.
    fn step(&mut self) -> Result<Option<Value>, PickleError> {
        let start = self.at;
        let instruction = self.take(1)?[0];
        let sequence = |values| Value::Sequence(Rc::new(values));
        let pushed = match instruction {
            0x80 => return self.take(1).map(|_| None), // the protocol's number
            0x95 => return self.take(8).map(|_| None), // a frame's length
            b'.' => return self.pop().map(Some),
            b'(' => {
                self.marks.push(self.stack.len());
                return Ok(None);
            }
            b'0' => return self.pop().map(|_| None),
            b'N' => Value::None,
            0x88 => Value::Int(1),
            0x89 => Value::Int(0),
            b'K' => Value::Int(self.number(1)? as i64),
            b'M' => Value::Int(self.number(2)? as i64),
            b'J' => Value::Int(i64::from(self.number(4)? as u32 as i32)),
            0x8a => {
                let length = self.number(1)? as usize;
                if length > 8 {
                    return Err(PickleError::TooLong);
                }
                let unsigned = self.number(length)?;
                // Two's complement of as many bytes as there are.
                let shift = 64 - 8 * length.max(1) as u32;
                Value::Int(((unsigned << shift) as i64) >> shift)
            }
            b'G' => {
                self.take(8)?;
                Value::Opaque
            }
            b'X' => {
                let length = self.number(4)?;
                Value::Str(self.text(length)?)
            }
            0x8c => {
                let length = self.number(1)?;
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
                let place = self.number(1)?;
                return self.remember(place).map(|()| None);
            }
            b'r' => {
                let place = self.number(4)?;
                return self.remember(place).map(|()| None);
            }
            0x94 => return self.remember(self.memo.len() as u64).map(|()| None),
            b'h' => {
                let place = self.number(1)?;
                return self.recall(place).map(|()| None);
            }
            b'j' => {
                let place = self.number(4)?;
                return self.recall(place).map(|()| None);
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
            // An object's state: attributes, which hold no weights.
            b'b' => return self.pop().map(|_| None),
            other => return Err(PickleError::Instruction(other, start)),
        };
        self.stack.push(pushed);
        Ok(None)
    }
}
